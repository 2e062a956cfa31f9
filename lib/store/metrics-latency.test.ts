import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { day, made, scope, upstream, writeMetricSample } from '@/lib/testing/metric-sample';
import { openedRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { Ingest } from './ingest';
import { readLatency } from './metrics-latency';
import { readLatencySeries } from './metrics-latency-series';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await writeMetricSample(database);
});
afterAll(() => database.drop());

test('latency over time leaves gaps', async () => {
  const { buckets } = await readLatencySeries(database.pools.analytics, { ...scope, bucket: '6h', timeZone: 'UTC' });
  expect(buckets.map(({ series }) => series)).toEqual([
    {},
    { a: { n: 20, p50: 100, p90: 180, p95: 190, p99: null } },
    {
      b: { n: 6, p50: 1000, p90: null, p95: null, p99: null },
      c: { n: 1, p50: null, p90: null, p95: null, p99: null },
    },
    {},
  ]);
  const sync = { ...scope, lanes: ['sync' as const], models: ['b'], bucket: '1d' as const, timeZone: 'UTC' };
  expect((await readLatencySeries(database.pools.analytics, sync)).buckets[0]!.series).toEqual({
    b: { n: 2, p50: null, p90: null, p95: null, p99: null },
  });
});

describe('latency rows', () => {
  test('are nearest rank, and null where n is too small', async () => {
    const { rows } = await readLatency(database.pools.analytics, scope, []);
    expect(
      rows.map(({ model, lane, measure, n, p50, p90, p95, p99 }) => [model, lane, measure, n, p50, p90, p95, p99]),
    ).toEqual([
      ['a', 'sync', 'latency', 20, 100, 180, 190, null],
      ['b', 'batch', 'latency', 4, null, null, null, null],
      ['b', 'sync', 'latency', 2, null, null, null, null],
      ['c', 'sync', 'latency', 1, null, null, null, null],
      ['b', 'sync', 'ttft', 2, null, null, null, null],
    ]);
  });

  test('the distribution has one point per value, ties at their full share, within its band', async () => {
    const { rows } = await readLatency(database.pools.analytics, { ...scope, models: ['b'], lanes: ['batch'] }, []);
    const [row] = rows;
    expect(row?.cdf.map(([ms, share]) => [ms, share])).toEqual([
      [1000, 0.25],
      [2000, 0.75],
      [4000, 1],
    ]);
    for (const [, share, low, high] of row!.cdf) {
      expect(low).toBeLessThan(share);
      expect(high).toBeGreaterThanOrEqual(share);
    }
  });

  test('at most 200 points, whatever n is', async () => {
    const day26 = { from: day('26T00:00:00'), to: day('27T00:00:00') };
    await new Ingest(database.pools.hot).write(
      Array.from({ length: 1_000 }, (_, i) => made(day('26T10:00:00'), { model: 'many' }, { latencyMs: i + 1 })),
    );
    const { rows } = await readLatency(database.pools.analytics, { upstream, range: day26 }, []);
    expect(rows[0]).toMatchObject({ n: 1_000, p50: 500, p90: 900, p95: 950, p99: 990 });
    expect(rows[0]!.cdf).toHaveLength(200);
    expect(rows[0]!.cdf.slice(0, 2).map(([ms, share]) => [ms, share])).toEqual([
      [5, 0.005],
      [10, 0.01],
    ]);
  });

  test('what is under way is pending beside its model and lane, also where nothing is done yet', async () => {
    const open = [
      openedRecord({ arrivedAt: day('21T20:00:00').getTime(), model: 'a' }),
      openedRecord({ arrivedAt: day('21T20:00:00').getTime(), model: 'a', upstream: 'http://simulator' }),
      openedRecord({ arrivedAt: day('21T20:00:00').getTime(), model: 'new' }),
      openedRecord({ arrivedAt: day('22T20:00:00').getTime(), model: 'new' }),
    ];
    const { rows } = await readLatency(database.pools.analytics, { ...scope, models: ['a', 'new'] }, open);
    expect(rows.map(({ model, n, pending }) => [model, n, pending])).toEqual([
      ['a', 20, 1],
      ['new', 0, 1],
    ]);
    expect(rows[1]).toMatchObject({ p50: null, cdf: [] });
  });
});
