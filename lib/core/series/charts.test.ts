import { describe, expect, it } from 'vitest';
import { costChart, OTHER } from './cost-chart';
import { latencyChart } from './latency-chart';
import { volumeChart } from './volume-chart';

const FROM = Date.parse('2026-11-24T00:00:00Z');
const HOUR = 3_600_000;
const iso = (i: number) => new Date(FROM + i * HOUR).toISOString();
const window = { from: FROM + HOUR / 2, to: FROM + 3 * HOUR, now: FROM + 2.5 * HOUR };
const base = { bucket: '1h', window, timeZone: 'UTC' } as const;

describe('costChart', () => {
  const buckets = [
    { at: iso(0), series: { a: '1.5', b: '0.25' } },
    { at: iso(1), series: {} },
    { at: iso(2), series: { b: '2' } },
  ];

  it('stacks by total, draws what is absent as zero, and keeps exact decimals in its table', () => {
    const chart = costChart({ ...base, buckets });
    expect(chart.series.map(({ id }) => id)).toEqual(['b', 'a']);
    expect(chart.points.map(({ values }) => values)).toEqual([
      { b: 0.25, a: 1.5 },
      { b: 0, a: 0 },
      { b: 2, a: 0 },
    ]);
    expect(chart.table.rows[0]).toEqual(['2026-11-24T00:00:00Z', '2026-11-24T01:00:00Z', '0.25', '1.5']);
    expect(chart.y.domain).toEqual([0, 2]);
  });

  it('marks buckets that the range or the present cuts', () => {
    const chart = costChart({ ...base, buckets });
    expect(chart.points.map(({ partial }) => partial)).toEqual([true, false, true]);
  });

  it('folds what is beyond the limit into Other and loses nothing', () => {
    const series = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`m${i}`, String(i + 1)]));
    const chart = costChart({ ...base, buckets: [{ at: iso(0), series }], limit: 8 });
    expect(chart.series).toHaveLength(8);
    expect(chart.series.at(-1)?.group).toBe('Other (5 models)');
    const values = chart.points[0]?.values ?? {};
    expect(Object.values(values).reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(78);
    expect(values[OTHER]).toBe(1 + 2 + 3 + 4 + 5);
    expect(chart.table.head).toHaveLength(14);
  });

  it('takes any name for a name', () => {
    const series: Record<string, string> = JSON.parse('{"__proto__": "2", "constructor": "1"}');
    const chart = costChart({
      ...base,
      buckets: [
        { at: iso(0), series },
        { at: iso(1), series: {} },
      ],
    });
    expect(chart.points.map(({ values }) => Object.entries(values).flat())).toEqual([
      ['__proto__', 2, 'constructor', 1],
      ['__proto__', 0, 'constructor', 0],
    ]);
    expect(chart.table.rows[1]?.slice(2)).toEqual(['0', '0']);
  });

  it('says when there is nothing', () => {
    const chart = costChart({ ...base, buckets: [{ at: iso(0), series: {} }] });
    expect(chart.empty).toBe(true);
    expect(chart.summary).toBe('No spend in this range.');
  });
});

describe('latencyChart', () => {
  const buckets = [
    { at: iso(0), series: { a: { n: 40, p50: 800, p95: 2_500 }, b: { n: 3, p50: null, p95: null } } },
    { at: iso(1), series: {} },
    { at: iso(2), series: { a: { n: 7, p50: 0, p95: null } } },
  ];
  const chart = latencyChart({ ...base, buckets, show: ['p50', 'p95'] });

  it('speaks seconds, and leaves gaps where nothing was measured or a log axis has no place', () => {
    expect(chart.points.map(({ values }) => values['a p50'])).toEqual([0.8, null, null]);
    expect(chart.points.map(({ values }) => values['a p95'])).toEqual([2.5, null, null]);
    expect(chart.points[0]?.notes).toEqual({ a: 'n = 40', b: 'n = 3' });
    expect(chart.y).toMatchObject({ scale: 'log', domain: [0.1, 60] });
  });

  it('draws p95 lighter beside p50, and alone as strong as p50', () => {
    expect(chart.series.filter(({ group }) => group === 'a').map(({ weight }) => weight)).toEqual(['strong', 'light']);
    expect(latencyChart({ ...base, buckets, show: ['p95'] }).series[0]?.weight).toBe('strong');
  });

  it('has the period before behind it: the first percentile of each model, by time', () => {
    const before = [-3, -2, -1].map((i) => ({ at: iso(i), series: { a: { n: 40, p50: -i * 1_000, p95: 9_000 } } }));
    const previous = { buckets: before, lengthMs: 3 * HOUR };
    const compared = latencyChart({ ...base, buckets, show: ['p50', 'p95'], previous });
    expect(compared.points.map(({ values }) => values['a p50 before'])).toEqual([3, 2, 1]);
    expect(compared.points.map(({ values }) => values['b p50 before'])).toEqual([null, null, null]);
    const drawnBefore = compared.series.filter(({ weight }) => weight === 'before');
    expect(drawnBefore.map(({ group, column }) => [group, column])).toEqual([
      ['a', 'p50 before'],
      ['b', 'p50 before'],
    ]);
    expect(compared.table).toEqual(chart.table);
  });

  it('lists only measured rows in its table', () => {
    expect(chart.table.rows.map((row) => row.slice(2))).toEqual([
      ['a', '40', '800', '2500'],
      ['b', '3', '', ''],
      ['a', '7', '0', ''],
    ]);
  });
});

describe('volumeChart', () => {
  it('splits requests into those with and without an error', () => {
    const chart = volumeChart({ ...base, buckets: [{ at: iso(0), requests: 10, errors: 3 }] });
    expect(chart.points[0]?.values).toEqual({ errors: 3, ok: 7 });
    expect(chart.y.domain).toEqual([0, 10]);
    expect(chart.summary).toContain('10 in total, 3 of them errors');
    expect(chart.lines).toBeUndefined();
  });

  it('has the period before behind it, by time, with room for the higher of the two', () => {
    const buckets = [0, 1, 2].map((i) => ({ at: iso(i), requests: i, errors: 0 }));
    const before = [-3, -2, -1].map((i) => ({ at: iso(i), requests: 40 + i }));
    const chart = volumeChart({ ...base, buckets, previous: { buckets: before, lengthMs: 3 * HOUR } });
    expect(chart.lines).toEqual([{ name: 'Period before', values: [37, 38, 39], isDashed: true }]);
    expect(chart.y.domain[1]).toBeGreaterThanOrEqual(39);
  });
});
