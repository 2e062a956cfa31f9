import { expect, it } from 'vitest';
import { findModel } from './model-catalog';
import { SeededRandom } from './seeded-random';
import { DEFAULT_TURNAROUND, drawTurnaround, loadMultiplier, mergeTurnaround } from './turnaround';

const model = findModel('claude-sonnet-5-5')!;
const calm = mergeTurnaround(DEFAULT_TURNAROUND, {
  load: { ...DEFAULT_TURNAROUND.load, daily: null, incidentsPerHour: 0 },
});
const subject = { model, items: 1, longestOutputTokens: 0, sinceStartMs: 0 };

it('has the suggested quantiles, floor and tail', () => {
  const draws = Array.from({ length: 20_000 }, (_, index) =>
    drawTurnaround(calm, subject, 1, new SeededRandom(1, `draw ${index}`)),
  ).sort((a, b) => a - b);
  const at = (share: number) => draws[Math.floor(share * draws.length)]! / 1_000;
  expect(at(0.1)).toBeGreaterThan(52);
  expect(at(0.1)).toBeLessThan(62);
  expect(at(0.5)).toBeGreaterThan(95);
  expect(at(0.5)).toBeLessThan(110);
  expect(at(0.9)).toBeGreaterThan(170);
  expect(at(0.9)).toBeLessThan(215);
  expect(draws[0]).toBe(45_000);
  expect(draws.filter((ms) => ms > 600_000).length / draws.length).toBeGreaterThan(0.02);
});

it('grows with items, output and the model’s line', () => {
  const draw = (change: Partial<typeof subject>) =>
    drawTurnaround(
      { ...calm, sigma: 0, tails: [], neverShare: 0 },
      { ...subject, ...change },
      1,
      new SeededRandom(1, 'x'),
    );
  expect(draw({})).toBeCloseTo(100_000);
  expect(draw({ items: 100 })).toBeCloseTo(130_000);
  expect(draw({ longestOutputTokens: 600 })).toBeCloseTo(110_000);
  expect(draw({ model: findModel('claude-haiku-5-5')! })).toBeCloseTo(125_000);
});

it('takes fixed durations, per-model shapes and functions', () => {
  const draw = (change: Parameters<typeof mergeTurnaround>[1]) =>
    drawTurnaround(mergeTurnaround(calm, change), subject, 1, new SeededRandom(1, 'x'));
  expect(draw({ fixedMs: 200 })).toBe(200);
  expect(draw({ fixedMs: 200, models: { 'claude-sonnet-5-5': 7 } })).toBe(7);
  expect(
    draw({ models: { 'claude-sonnet-5-5': { medianMs: 500, sigma: 0, floorMs: 0, tails: [], neverShare: 0 } } }),
  ).toBeCloseTo(500);
  expect(draw({ draw: ({ items }) => items * 3 })).toBe(3);
});

it('has incidents and follows a schedule', () => {
  const load = { ...DEFAULT_TURNAROUND.load, daily: null, incidentsPerHour: 0.5 };
  const minutes = Array.from({ length: 6_000 }, (_, minute) => loadMultiplier(load, minute * 60_000, 1));
  const share = minutes.filter((multiplier) => multiplier === 10).length / minutes.length;
  expect(share).toBeGreaterThan(0.1);
  expect(share).toBeLessThan(0.25);
  const schedule = [
    { fromMs: 100, multiplier: 2 },
    { fromMs: 200, multiplier: 5 },
  ];
  expect([0, 150, 900].map((ms) => loadMultiplier({ ...load, schedule }, ms, 1))).toEqual([1, 2, 5]);
});
