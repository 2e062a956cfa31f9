import { describe, expect, it } from 'vitest';
import { costChart } from './cost-chart';
import { monthForecast } from './month-forecast';
import { savingsChart } from './savings-chart';
import { cacheShare, tokenChart } from './token-chart';
import { monthOf } from './zoned-time';

const FROM = Date.parse('2026-11-24T00:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const iso = (i: number) => new Date(FROM + i * HOUR).toISOString();
const base = {
  bucket: '1h',
  window: { from: FROM, to: FROM + 3 * HOUR, now: FROM + 9 * HOUR },
  timeZone: 'UTC',
} as const;

describe('savingsChart', () => {
  const money = (costUsd: string, syncCostUsd: string, savedUsd: string, wasteUsd: string) => ({
    costUsd,
    syncCostUsd,
    savedUsd,
    wasteUsd,
  });
  const chart = savingsChart({
    ...base,
    buckets: [
      { at: iso(0), ...money('1', '2', '1', '0') },
      { at: iso(1), ...money('3', '2', '-1', '1.5') },
      { at: iso(2), ...money('0', '0', '0', '0') },
    ],
  });

  it('shows waste below zero, and what is left as a line that may go there', () => {
    expect(chart.points.map(({ values }) => values)).toEqual([
      { gross: 1, waste: 0 },
      { gross: 0.5, waste: -1.5 },
      { gross: 0, waste: 0 },
    ]);
    expect(chart.lines?.[0]?.values).toEqual([1, -1, 0]);
    expect(chart.summary).toContain('$0.00 in total, after $1.50 of waste');
  });

  it('has the period before behind it, with room for it', () => {
    const before = [-3, -2, -1].map((i) => ({ at: iso(i), savedUsd: String(10 * i) }));
    const compared = savingsChart({
      ...base,
      buckets: [{ at: iso(0), ...money('1', '2', '1', '0') }],
      previous: { buckets: before, lengthMs: 3 * HOUR },
    });
    expect(compared.lines).toEqual([
      { name: 'Saved', values: [1], isDashed: false },
      { name: 'Saved, period before', values: [-30], isDashed: true },
    ]);
    expect(compared.y.domain[0]).toBeLessThanOrEqual(-30);
  });

  it('has an axis on both sides of zero', () => {
    expect(chart.y.domain[0]).toBeLessThanOrEqual(-1.5);
    expect(chart.y.ticks).toContain(0);
    expect(chart.y.ticks.every((tick) => !Object.is(tick, -0))).toBe(true);
    expect(chart.table.rows[1]?.slice(2)).toEqual(['3', '2', '-1', '1.5']);
  });
});

describe('tokenChart', () => {
  const tokens = { input: 30, output: 5, cacheRead: 60, cacheWrite5m: 10, cacheWrite1h: 0 };
  it('stacks the kinds that occur', () => {
    const chart = tokenChart({ ...base, buckets: [{ at: iso(0), tokens }] });
    expect(chart.series.map(({ group }) => group)).toEqual(['Input', 'Cache read', 'Cache write, 5 min', 'Output']);
    expect(chart.y.domain[1]).toBeGreaterThanOrEqual(105);
    expect(chart.summary).toContain('105 in total, 60 % of the prompt');
  });
  it('has all tokens of the period before behind it', () => {
    const previous = { buckets: [{ at: iso(-3), tokens: { ...tokens, output: 500 } }], lengthMs: 3 * HOUR };
    const chart = tokenChart({ ...base, buckets: [{ at: iso(0), tokens }], previous });
    expect(chart.lines).toEqual([{ name: 'Period before', values: [600], isDashed: true }]);
    expect(chart.y.domain[1]).toBeGreaterThanOrEqual(600);
  });

  it('takes the share of prompt tokens', () => {
    expect(cacheShare(tokens)).toBeCloseTo(0.6, 12);
    expect(cacheShare({ ...tokens, input: 0, cacheRead: 0, cacheWrite5m: 0 })).toBe(0);
  });
});

describe('costChart', () => {
  const buckets = [
    { at: iso(0), series: { sync: '1', batch: '2' } },
    { at: iso(1), series: { sync: '3' } },
  ];
  it('gives lanes their colours, other groups those of the palette by rank, and names what it folds', () => {
    expect(costChart({ ...base, buckets, groupBy: 'lane' }).series.map(({ subject }) => subject)).toEqual([
      { kind: 'token', token: 'sync' },
      { kind: 'token', token: 'batch' },
    ]);
    const byTag = costChart({ ...base, buckets, groupBy: 'tag.team', limit: 1 });
    expect(byTag.series.map(({ group }) => group)).toEqual(['Other (2 teams)']);
    expect(costChart({ ...base, buckets, groupBy: 'rule' }).series[1]?.subject).toMatchObject({ kind: 'hue', hue: 1 });
  });

  it('draws the period before by its time, not its place', () => {
    const before = [
      { at: new Date(FROM - 3 * HOUR).toISOString(), costUsd: '7' },
      { at: new Date(FROM - 2 * HOUR).toISOString(), costUsd: '8' },
      { at: new Date(FROM - HOUR).toISOString(), costUsd: '9' },
    ];
    const chart = costChart({ ...base, buckets, previous: { buckets: before, lengthMs: 3 * HOUR } });
    expect(chart.lines).toEqual([{ name: 'Period before', values: [7, 8], isDashed: true }]);
    const later = costChart({ ...base, buckets, previous: { buckets: before.slice(1), lengthMs: 3 * HOUR } });
    expect(later.lines?.[0]?.values).toEqual([null, 8]);
    expect(chart.y.domain[1]).toBeGreaterThanOrEqual(8);
  });
});

describe('monthForecast', () => {
  const days = (...usd: number[]) => usd.map((one, i) => ({ at: FROM + i * DAY, end: FROM + (i + 1) * DAY, usd: one }));
  const month = (now: number) => ({ monthStart: FROM + DAY, monthEnd: FROM + 10 * DAY, now });

  it('adds the days left at the mean of full days to what the month has cost', () => {
    const forecast = monthForecast(days(0, 5, 10, 20, 30, 2), month(FROM + 5.5 * DAY));
    // The first day with a call is cut, the present one is not over: 10, 20 and 30 remain.
    expect(forecast).toMatchObject({ spentUsd: 67, basisDays: 3, dailyUsd: 20, daysLeft: 4.5 });
    expect(forecast.expected?.usd).toBeCloseTo(67 + 4.5 * 20, 9);
    const spread = 1.96 * Math.sqrt(100 * (4.5 + 4.5 ** 2 / 3));
    expect(forecast.expected?.high).toBeCloseTo(157 + spread, 9);
    expect(forecast.expected?.low).toBeCloseTo(Math.max(67, 157 - spread), 9);
  });

  it('takes the last seven days, and says nothing after one', () => {
    expect(monthForecast(days(1, ...Array(9).fill(3)), month(FROM + 10 * DAY)).basisDays).toBe(7);
    expect(monthForecast(days(0, 1, 4), month(FROM + 2.5 * DAY)).expected).toBeNull();
    expect(monthForecast([], month(FROM))).toMatchObject({ spentUsd: 0, expected: null });
  });
});

it('a month begins and ends at the zone’s midnight', () => {
  const month = monthOf(Date.parse('2026-10-31T23:30:00Z'), 'Europe/Berlin');
  expect([month.start, month.end].map((at) => new Date(at).toISOString())).toEqual([
    '2026-10-31T23:00:00.000Z',
    '2026-11-30T23:00:00.000Z',
  ]);
  expect(month.name).toBe('November');
  expect(monthOf(Date.parse('2026-12-15T00:00:00Z'), 'UTC').end).toBe(Date.parse('2027-01-01T00:00:00Z'));
});
