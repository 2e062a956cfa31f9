import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianInterval } from '@/lib/core/estimate/median-interval';
import { wilson } from '@/lib/core/estimate/wilson';
import {
  deadlineText,
  LEAST_DEADLINE_MS,
  MOST_DEADLINE_MS,
  nextDeadline,
  readDeadline,
  snapDeadline,
} from './deadline';
import { type DistributionRow, distributionChart, shareWithin } from './distribution-chart';
import { durationAxis, roundDurationText, roundSpanText, tinyDurationText } from './duration-axis';
import { heatTable } from './heat-table';
import { intervalChart } from './interval-chart';
import { latencyChart } from './latency-chart';
import { judgement, reliabilityChart } from './reliability-chart';
import { waitingVerdict } from './waiting-verdict';

const MINUTE = 60_000;

describe('durationAxis', () => {
  it('has round durations around the data and never a zero', () => {
    const axis = durationAxis([2_500, 0, null, 5 * MINUTE], [1_000, MINUTE]);
    expect(axis).toEqual({
      scale: 'log',
      domain: [1_000, 600_000],
      ticks: [1_000, 3_000, 10_000, 30_000, MINUTE, 180_000, 600_000],
    });
  });
  it('thins its ticks where there are many, and ends beyond a day', () => {
    expect(durationAxis([100, 24 * 60 * MINUTE], [1_000, MINUTE]).ticks.length).toBeLessThanOrEqual(9);
    expect(durationAxis([0.01, 5e8], [1_000, MINUTE]).domain[1]).toBeGreaterThanOrEqual(5e8);
  });
  it('writes one unit', () => {
    expect([50, 1_500, 90_000, 600_000, 9_000_000].map((ms) => roundDurationText(ms))).toEqual([
      '50 ms',
      '1.5 s',
      '1.5 min',
      '10 min',
      '2.5 h',
    ]);
    expect(tinyDurationText(275_000)).toBe('4.6m');
    expect(roundDurationText(0.4)).toBe('0.4 ms');
    expect(roundSpanText(237_000, 253_200)).toBe('3.95–4.22 min');
    expect(roundSpanText(50_000, 90_000)).toBe('50 s – 1.5 min');
  });
});

describe('the deadline', () => {
  it('moves between round durations, and always moves', () => {
    expect([nextDeadline(600_000, 1), nextDeadline(600_000, -1), nextDeadline(610_000, -1)]).toEqual([
      720_000, 480_000, 600_000,
    ]);
    expect(nextDeadline(600_000, 1, true)).toBe(30 * MINUTE);
    fc.assert(
      fc.property(fc.integer({ min: LEAST_DEADLINE_MS + 1, max: MOST_DEADLINE_MS - 1 }), fc.boolean(), (ms, isPage) => {
        expect(nextDeadline(ms, 1, isPage)).toBeGreaterThan(ms);
        expect(nextDeadline(ms, -1, isPage)).toBeLessThan(ms);
        expect(Math.abs(snapDeadline(ms) / ms - 1)).toBeLessThan(0.11);
        expect(readDeadline(deadlineText(snapDeadline(ms)))).toBe(snapDeadline(ms));
      }),
    );
    expect(nextDeadline(MOST_DEADLINE_MS, 1)).toBe(MOST_DEADLINE_MS);
    expect(nextDeadline(LEAST_DEADLINE_MS, -1)).toBe(LEAST_DEADLINE_MS);
  });
  it.each([
    ['10m', 600_000],
    [' 90 s ', 90_000],
    ['1.5 h', 5_400_000],
    ['10 min', 600_000],
    ['250ms', 250],
    ['25h', null],
    ['10', null],
    ['', null],
    ['-5m', null],
    ['1ms', null],
  ])('reads %j', (text, ms) => expect(readDeadline(text)).toBe(ms));
});

const row = (model: string, over: Partial<DistributionRow>): DistributionRow => ({
  model,
  lane: 'batch',
  measure: 'turnaround',
  n: 4,
  pending: 0,
  p50: null,
  cdf: [],
  ...over,
});

describe('distributionChart', () => {
  const steps = [
    [60_000, 0.25, 0.1, 0.6],
    [120_000, 1, 0.5, 1],
  ] as const;
  const rows = [
    row('a', {
      lane: 'sync',
      measure: 'latency',
      n: 900,
      cdf: [
        [800, 0.5, 0.4, 0.6],
        [2_000, 1, 0.99, 1],
      ],
    }),
    row('a', { lane: 'sync', measure: 'ttft', n: 900, cdf: [[1, 1, 1, 1]] }),
    row('b', { cdf: [...steps], pending: 2 }),
    row('b', { measure: 'latency', n: 40, cdf: [[5, 1, 1, 1]] }),
    row('b', { measure: 'queue', n: 40, cdf: [[5, 1, 1, 1]] }),
  ];
  const chart = distributionChart(rows, 'turnaround');

  it('takes sync latency and what stands for batch, models with batches first', () => {
    expect(chart.curves.map(({ id, n, pending }) => [id, n, pending])).toEqual([
      ['batch b', 4, 2],
      ['sync a', 900, 0],
    ]);
    expect(distributionChart(rows, 'latency').curves.map(({ n }) => n)).toEqual([40, 900]);
    expect(chart.x.domain[0]).toBeLessThanOrEqual(800);
    expect(chart.table.rows).toHaveLength(4);
    expect(chart.empty).toBe(false);
    expect(distributionChart([row('a', { n: 0, pending: 3 })], 'turnaround')).toMatchObject({ empty: true });
  });

  it('is read at a deadline as the step function that it is', () => {
    const [batch, sync] = chart.curves;
    if (!batch || !sync) throw new Error('two curves');
    expect(shareWithin(batch, 59_999)).toEqual({ share: 0, low: 0, high: wilson(0, 4)[1] });
    expect(shareWithin(batch, 60_000)).toEqual({ share: 0.25, low: 0.1, high: 0.6 });
    expect(shareWithin(batch, 1e9)?.share).toBe(1);
    expect(shareWithin({ ...batch, steps: [] }, 1)).toBeNull();
  });
});

describe('waitingVerdict', () => {
  const model = (name: string, usd: number, low: number | null, high: number | null, n = 50) => ({
    model: name,
    price: { inputUsd: String(usd), outputUsd: String(5 * usd) },
    turnaround: { n, low, high },
  });
  const cheap = model('cheap', 1, 100, 200);
  it.each([
    ['faster', [cheap, model('dear', 5, 300, 400)], 'the one pair measured'],
    ['slower', [cheap, model('dear', 5, 10, 20)], 'more slowly'],
    ['equal', [cheap, model('dear', 5, 150, 400)], 'overlap'],
    ['mixed', [cheap, model('dear', 5, 10, 20), model('dearest', 9, 900, 901)], '2 of 3 pairs'],
    [
      'faster',
      [cheap, model('middle', 3, 150, 250), model('dear', 5, 300, null)],
      '1 of 3 pairs of models cannot be told apart',
    ],
    ['unknown', [cheap], 'Not enough measured'],
    ['unknown', [cheap, model('same', 1, 300, 400)], 'Not enough measured'],
    ['unknown', [cheap, model('few', 5, 300, 400, 9)], 'Not enough measured'],
    ['unknown', [cheap, { ...model('unpriced', 5, 300, 400), price: null }], 'Not enough measured'],
    ['unknown', [], 'Not enough measured'],
  ])('%s', (kind, rows, words) => {
    const verdict = waitingVerdict(rows);
    expect(verdict.kind).toBe(kind);
    expect(verdict.sentence).toContain(words);
  });
});

describe('heatTable', () => {
  const series = (p50: number | null, n = 5, pending = 0) => ({ n, pending, p50, p95: null });
  const heat = heatTable(
    [
      { name: '00', title: '00:00–01:00', series: { a: series(60_000), b: series(null, 2, 1) } },
      { name: '01', title: '01:00–02:00', series: { a: series(240_000, 9), ['__proto__']: series(120_000) } },
    ],
    'hour',
  );
  it('shades by the logarithm, and leaves what is too few unshaded', () => {
    expect(heat.rows.map(({ model, cells }) => [model, ...cells.map((cell) => cell.heat)])).toEqual([
      ['a', 0, 1],
      ['__proto__', null, 0.5],
      ['b', null, null],
    ]);
    expect(heat.scale).toEqual({ low: 60_000, high: 240_000 });
    expect(heat.table.rows).toEqual([
      ['a', '00:00–01:00', '5', '0', '60000', ''],
      ['a', '01:00–02:00', '9', '0', '240000', ''],
      ['__proto__', '01:00–02:00', '5', '0', '120000', ''],
      ['b', '00:00–01:00', '2', '1', '', ''],
    ]);
    expect(heatTable([], 'hour')).toMatchObject({ empty: true, scale: null });
  });
});

it('intervals stand in the order of price, the unpriced last', () => {
  const of = (model: string, usd: number | null, p50: number | null) => ({
    model,
    price: usd === null ? null : { inputUsd: String(usd), outputUsd: '0' },
    turnaround: { n: 9, p50, low: p50 && p50 / 2, high: null },
  });
  const chart = intervalChart([
    of('u', null, 5_000),
    of('dear', 5, 60_000),
    of('cheap', 1, 30_000),
    of('none', 1, null),
  ]);
  expect(chart.rows.map(({ model, low }) => [model, low])).toEqual([
    ['cheap', 15_000],
    ['dear', 30_000],
    ['u', 2_500],
  ]);
  expect(intervalChart([]).x.domain[0]).toBeGreaterThan(0);
});

it('the interval of a median is where its band crosses one half', () => {
  expect(
    medianInterval([
      [10, 0.2, 0.1, 0.4],
      [20, 0.4, 0.3, 0.55],
      [30, 0.6, 0.45, 0.8],
      [40, 0.9, 0.7, 1],
    ]),
  ).toEqual({ low: 20, high: 40 });
  expect(medianInterval([[10, 0.4, 0.1, 0.6]])).toEqual({ low: 10, high: null });
  expect(medianInterval([])).toEqual({ low: null, high: null });
});

describe('reliability', () => {
  const kept = { calls: 40, batches: 20, predicted: 0.9, inTime: 0.85, low: 0.7, high: 0.95 };
  it('judges the mean prediction by the band of what happened', () => {
    expect(judgement({ ...kept, brier: 0 })).toBe('as predicted');
    expect(judgement({ ...kept, brier: 0, predicted: 0.96 })).toBe('too hopeful');
    expect(judgement({ ...kept, brier: 0, predicted: 0.5 })).toBe('too careful');
    expect(judgement({ ...kept, brier: 0, batches: 9 })).toBe('not measured');
    expect(judgement(null)).toBe('not measured');
  });
  it('begins its axis at one half unless something lies below', () => {
    const of = (predicted: number) =>
      reliabilityChart([{ model: 'a', open: 0, all: null, bins: [{ from: 0, to: 1, ...kept, predicted }] }]);
    expect(of(0.9).domain).toEqual([0.5, 1]);
    expect(of(0.2).domain).toEqual([0, 1]);
    expect(of(0.2).table.rows[0]).toEqual(['a', '0', '1', '40', '20', '0.2000', '0.8500', '0.7000', '0.9500']);
    expect(reliabilityChart([]).empty).toBe(true);
  });
});

it('turnaround over time: any percentile, what runs noted, and a column of it in the table', () => {
  const at = new Date(0).toISOString();
  const chart = latencyChart({
    bucket: '1h',
    buckets: [{ at, series: { a: { n: 120, pending: 3, p50: 60_000, p90: 90_000, p95: 95_000, p99: 99_000 } } }],
    window: { from: 0, to: 3_600_000, now: 3_600_000 },
    timeZone: 'UTC',
    show: ['p50', 'p99'],
    what: 'Turnaround of batches',
    usual: [10, 3_600],
  });
  expect(chart.points[0]?.values).toEqual({ 'a p50': 60, 'a p99': 99 });
  expect(chart.points[0]?.notes).toEqual({ a: 'n = 120, 3 run' });
  expect(chart.table.head.slice(3)).toEqual(['n', 'pending', 'p50 (ms)', 'p90 (ms)', 'p95 (ms)', 'p99 (ms)']);
  expect(chart.table.rows[0]?.slice(3)).toEqual(['120', '3', '60000', '90000', '95000', '99000']);
  expect(chart.y.domain).toEqual([10, 3_600]);
  expect(chart.summary).toContain('Turnaround of batches p50 and p99');
});
