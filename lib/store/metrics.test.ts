import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cost, day, made, scope, upstream, writeMetricSample } from '@/lib/testing/metric-sample';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { Ingest } from './ingest';
import { readCost } from './metrics-cost';
import { readLatency } from './metrics-latency';
import { readLatencySeries } from './metrics-latency-series';
import { readSummary } from './metrics-summary';
import { unpricedModels } from './metrics-unpriced';
import { readVolume } from './metrics-volume';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await writeMetricSample(database);
});
afterAll(() => database.drop());

test('the summary adds up to the picodollar', async () => {
  const summary = await readSummary(database.pools.analytics, scope);
  expect(summary).toMatchObject({
    requests: 31,
    errors: 3,
    // 20 + 2.5 USD + 4 × 3 p$.
    costUsd: '22.500000000012',
    syncCostUsd: '20.500000000012',
    savedUsd: '-2',
    wasteUsd: '2',
    unpriced: 1,
    byLane: [
      {
        lane: 'batch',
        requests: 4,
        costUsd: '0.000000000012',
        syncCostUsd: '0.000000000012',
        savedUsd: '0',
        wasteUsd: '0',
      },
      { lane: 'sync', requests: 27, costUsd: '22.5', syncCostUsd: '20.5', savedUsd: '-2', wasteUsd: '2' },
    ],
  });
  expect(
    summary.byModel.map(({ model, requests, errors, unpriced, n, p50, p95 }) => [
      model,
      requests,
      errors,
      unpriced,
      n,
      p50,
      p95,
    ]),
  ).toEqual([
    ['a', 23, 2, 0, 20, 100, 190],
    ['b', 6, 0, 0, 6, 1000, null],
    ['(none)', 1, 1, 0, 0, null, null],
    ['c', 1, 0, 1, 1, null, null],
  ]);
});

test('sums are narrowed by model, lane and key, alone and together', async () => {
  const sql = database.pools.analytics;
  const ofKey = await readSummary(sql, { ...scope, keys: ['__proto__'] });
  expect(ofKey).toMatchObject({ requests: 20, costUsd: '20', errors: 0 });
  // Latencies are not told apart by key: nothing is said rather than something of all keys.
  expect(ofKey.byModel).toMatchObject([{ model: 'a', n: 0, p50: null, p95: null }]);
  expect(await readSummary(sql, { ...scope, models: ['b'], lanes: ['batch'] })).toMatchObject({
    requests: 4,
    costUsd: '0.000000000012',
    byModel: [{ model: 'b', n: 4 }],
  });
  expect(await readSummary(sql, { ...scope, models: ['b'], keys: ['__proto__'] })).toMatchObject({ requests: 0 });
  const series = { ...scope, keys: ['__proto__', 'nobody'], bucket: '6h' as const, timeZone: 'UTC' };
  const volume = await readVolume(sql, series);
  expect(volume.buckets.map(({ requests }) => requests)).toEqual([0, 20, 0, 0]);
  const byTag = await readCost(sql, { ...series, groupBy: 'tag.team' });
  expect(byTag.buckets[1]?.series).toEqual({ x: '20' });
});

test('an empty range sums to nothing', async () => {
  const empty = { upstream, range: { from: day('01T00:00:00'), to: day('02T00:00:00') } };
  expect(await readSummary(database.pools.analytics, empty)).toMatchObject({
    requests: 0,
    errors: 0,
    costUsd: '0',
    savedUsd: '0',
    byLane: [],
    byModel: [],
  });
});

describe('cost over time', () => {
  const query = { ...scope, bucket: '6h' as const, timeZone: 'UTC' };

  test('has every bucket, and in it the groups that cost something', async () => {
    const { buckets } = await readCost(database.pools.analytics, { ...query, groupBy: 'model' });
    expect(buckets).toEqual([
      { at: '2026-11-21T00:00:00.000Z', series: {} },
      { at: '2026-11-21T06:00:00.000Z', series: { a: '20' } },
      { at: '2026-11-21T12:00:00.000Z', series: { a: '2.5', b: '0.000000000012' } },
      { at: '2026-11-21T18:00:00.000Z', series: {} },
    ]);
  });

  test.each([
    [
      'lane',
      [
        ['sync', '22.5'],
        ['batch', '0.000000000012'],
      ],
    ],
    ['rule', [['default', '22.500000000012']]],
    [
      'key',
      [
        ['__proto__', '20'],
        ['(none)', '2.500000000012'],
      ],
    ],
    [
      'tag.team',
      [
        ['x', '20'],
        ['(none)', '2.500000000012'],
      ],
    ],
    ['tag.none', [['(none)', '22.500000000012']]],
  ])('groups by %s', async (groupBy, expected) => {
    const { buckets } = await readCost(database.pools.analytics, { ...query, bucket: '1d', groupBy });
    expect(buckets).toHaveLength(1);
    expect(Object.entries(buckets[0]!.series).sort()).toEqual(expected.sort());
  });

  test('days of another zone are that zone’s', async () => {
    const { buckets } = await readCost(database.pools.analytics, {
      ...query,
      bucket: '1d',
      timeZone: 'Pacific/Kiritimati',
      groupBy: 'lane',
    });
    // +14 h: its 22nd of November begins at 10:00 UTC of the 21st.
    expect(buckets).toEqual([
      { at: '2026-11-20T10:00:00.000Z', series: {} },
      { at: '2026-11-21T10:00:00.000Z', series: { sync: '22.5', batch: '0.000000000012' } },
    ]);
  });

  test('callers cannot blow it up with tag values: the costliest hundred, and the others as one', async () => {
    const day25 = { from: day('25T00:00:00'), to: day('26T00:00:00') };
    await new Ingest(database.pools.hot).write(
      Array.from({ length: 150 }, (_, i) =>
        made(day('25T10:00:00'), { tags: { flood: `v${i}` } }, cost(String(i + 1))),
      ),
    );
    const { buckets } = await readCost(database.pools.analytics, {
      ...query,
      range: day25,
      bucket: '1d',
      groupBy: 'tag.flood',
    });
    const series = buckets[0]!.series;
    expect(Object.keys(series)).toHaveLength(101);
    expect(series.v149).toBe('0.00000000015');
    // 1 + … + 50
    expect(series['(other)']).toBe('0.000000001275');
  });
});

test('volume has every bucket, zeros included', async () => {
  const { buckets } = await readVolume(database.pools.analytics, { ...scope, bucket: '6h', timeZone: 'UTC' });
  expect(buckets.map(({ requests, errors }) => [requests, errors])).toEqual([
    [0, 0],
    [21, 1],
    [10, 2],
    [0, 0],
  ]);
});

test('unpriced models are listed until a price is in force', async () => {
  const now = day('22T12:00:00');
  const book = { priceAt: () => null };
  expect(await unpricedModels(database.pools.analytics, upstream, book, now)).toEqual([{ model: 'c', requests: 1 }]);
  const known = { priceAt: (model: string) => (model === 'c' ? ({} as never) : null) };
  expect(await unpricedModels(database.pools.analytics, upstream, known, now)).toEqual([]);
});

test('hostile names are values, never SQL', async () => {
  for (const name of ["x' or 1=1 --", '"; drop table requests; --', '__proto__', '$1', '\\']) {
    const hostile = { ...scope, models: [name], bucket: '1d' as const, timeZone: 'UTC' };
    expect((await readLatency(database.pools.analytics, hostile, [])).rows).toEqual([]);
    expect((await readLatencySeries(database.pools.analytics, hostile)).buckets[0]!.series).toEqual({});
    const { buckets } = await readCost(database.pools.analytics, { ...hostile, models: [], groupBy: `tag.${name}` });
    expect(Object.keys(buckets[0]!.series)).toEqual(['(none)']);
  }
});
