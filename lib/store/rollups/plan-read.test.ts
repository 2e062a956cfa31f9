import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '@/lib/core/duration';
import { HOUR_MS, QUARTER_MS } from './grains';
import { type PlanInput, planRead } from './plan-read';

const DAY = Date.UTC(2026, 10, 20);
const none = { 15: new Set<number>(), 60: new Set<number>(), 1440: new Set<number>() };
const plan = (over: Partial<PlanInput>) =>
  planRead({ from: DAY, to: DAY + DAY_MS, cuts: [], dirty: none, quartersFrom: 0, rawFrom: 0, ...over });
const hours = (from: number, to: number) => ({ from: DAY + from * HOUR_MS, to: DAY + to * HOUR_MS });

describe('where a range is read from', () => {
  test('a whole day from days, the hours around it from hours, and raw rows only at the ends', () => {
    const minute = 60_000;
    expect(plan({ from: DAY - HOUR_MS - QUARTER_MS - minute, to: DAY + DAY_MS + HOUR_MS + minute })).toEqual({
      raw: [
        { from: DAY - HOUR_MS - QUARTER_MS - minute, to: DAY - HOUR_MS - QUARTER_MS },
        { from: DAY + DAY_MS + HOUR_MS, to: DAY + DAY_MS + HOUR_MS + minute },
      ],
      15: [{ from: DAY - HOUR_MS - QUARTER_MS, to: DAY - HOUR_MS }],
      60: [hours(-1, 0), hours(24, 25)],
      1440: [hours(0, 24)],
    });
  });

  test('days of another zone are cut from hours or quarter hours', () => {
    expect(plan({ cuts: [DAY + HOUR_MS] })).toMatchObject({ 1440: [], 60: [hours(0, 24)], raw: [] });
    expect(plan({ cuts: [DAY + 5.5 * HOUR_MS] })).toMatchObject({
      60: [hours(0, 5), hours(6, 24)],
      15: [hours(5, 6)],
    });
  });

  test('what is not rolled up yet is read raw, and only that', () => {
    const dirty = { 15: new Set([DAY + HOUR_MS]), 60: new Set([DAY + HOUR_MS]), 1440: new Set([DAY]) };
    expect(plan({ dirty })).toEqual({
      1440: [],
      60: [hours(0, 1), hours(2, 24)],
      15: [hours(1.25, 2)],
      raw: [hours(1, 1.25)],
    });
    expect(plan({ dirty, quartersFrom: DAY + DAY_MS })).toMatchObject({ 15: [], raw: [hours(1, 2)] });
  });

  test('where raw rows are gone whole hours stand for what they touch, once', () => {
    expect(plan({ from: DAY + 1, cuts: [DAY + 5.5 * HOUR_MS], quartersFrom: DAY * 2, rawFrom: DAY * 2 })).toEqual({
      1440: [],
      60: [hours(1, 24)],
      15: [],
      raw: [],
    });
  });

  test('covers every moment once, whatever is dirty and however it is cut', () => {
    const at = (step: number) =>
      fc.integer({ min: 0, max: Math.floor((4 * DAY_MS) / step) }).map((i) => DAY + i * step);
    const set = (step: number) => fc.array(at(step), { maxLength: 12 }).map((all) => new Set(all));
    const input = fc.record({
      ends: fc.tuple(at(60_000), at(60_000)).filter(([a, b]) => a !== b),
      cuts: fc.array(at(QUARTER_MS), { maxLength: 8 }),
      dirty: fc.record({ 15: set(QUARTER_MS), 60: set(HOUR_MS), 1440: set(DAY_MS) }),
      quartersFrom: at(HOUR_MS),
    });
    fc.assert(
      fc.property(input, ({ ends, ...rest }) => {
        const [from, to] = [Math.min(...ends), Math.max(...ends)];
        const made = planRead({ ...rest, from, to, rawFrom: 0 });
        const pieces = Object.values(made)
          .flat()
          .sort((a, b) => a.from - b.from);
        expect(pieces[0]?.from).toBe(from);
        expect(pieces.at(-1)?.to).toBe(to);
        for (const [i, piece] of pieces.slice(1).entries()) expect(piece.from).toBe(pieces[i]?.to);
        for (const { from: a, to: b } of made[15]) expect([a % QUARTER_MS, b % QUARTER_MS]).toEqual([0, 0]);
      }),
    );
  });
});
