import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Uuid } from '@/lib/core/ids';
import type { ClosedRecord, OpenedRecord } from '@/lib/core/request-record';
import { attemptRecord, closedRecord, openedRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { Ingest, type LoggedRequest } from './ingest';
import { createKey } from './keys';
import { readCost } from './metrics-cost';
import { readLatency, wilson } from './metrics-latency';
import { readLatencySeries } from './metrics-latency-series';
import { readSummary } from './metrics-summary';
import { unpricedModels } from './metrics-unpriced';
import { readVolume } from './metrics-volume';

const upstream = { origin: 'https://api.test', simulated: false };
const day = (text: string) => new Date(`2026-11-${text}Z`);
const range = { from: day('21T00:00:00'), to: day('22T00:00:00') };
const scope = { upstream, range };
let database: TestDatabase;

function made(arrivedAt: Date, opened: Partial<OpenedRecord> = {}, closed: Partial<ClosedRecord> = {}): LoggedRequest {
  const record = openedRecord({ arrivedAt: arrivedAt.getTime(), ...opened });
  return { opened: record, closed: closedRecord(record, closed) };
}

function cost(...pico: (string | null)[]): Partial<ClosedRecord> {
  return {
    attempts: pico.map((costPico, i) => attemptRecord({ key: `a${i}`, costPico, delivered: i === pico.length - 1 })),
  };
}

beforeAll(async () => {
  database = await testDatabase();
  const key = await createKey(database.pools.admin, {
    name: '__proto__',
    secretHmac: 'hmac',
    prefix: 'opk_abcd',
    last4: 'wxyz',
    toleranceMs: null,
    tags: {},
    batch: true,
    store: true,
    patienceMs: null,
    monthlyBudgetPico: null,
    upstream: 'default',
    createdBy: 'admin',
  });
  if (key === 'name_taken') throw new Error('unexpected');
  const keyId = key.id as Uuid;
  const nothing = { attempts: [], latencyMs: 5 };
  await new Ingest(database.pools.hot).write([
    // a: 20 successes of 10…200 ms, 1 USD each, in hour 10.
    ...Array.from({ length: 20 }, (_, i) =>
      made(
        day(`21T10:${String(i * 3).padStart(2, '0')}:00`),
        { model: 'a', keyId, tags: { team: 'x' } },
        {
          ...cost('1000000000000'),
          latencyMs: (i + 1) * 10,
          ttfbMs: null,
        },
      ),
    ),
    // a: not among the successes; one with a wasted attempt of 2 USD.
    made(day('21T10:00:00'), { model: 'a' }, { ...nothing, state: 'failed' }),
    made(day('21T12:00:00'), { model: 'a' }, { ...nothing, state: 'aborted' }),
    made(
      day('21T12:30:00'),
      { model: 'a' },
      { ...cost('2000000000000', '500000000000'), state: 'interrupted', latencyMs: null },
    ),
    // b: four streams: too few for any percentile.
    ...[10, 20, 20, 40].map((ms) =>
      made(
        day('21T12:00:00'),
        { model: 'b', stream: true, lane: 'batch' },
        { ...cost('3'), latencyMs: ms * 100, ttfbMs: ms },
      ),
    ),
    ...[30, 10].map((ms) =>
      made(day('21T13:00:00'), { model: 'b', stream: true }, { ...cost('0'), latencyMs: ms, ttfbMs: ms }),
    ),
    // Without a price, without a model, outside.
    made(day('21T13:00:00'), { model: 'c' }, { ...cost('7', null), latencyMs: 1 }),
    made(day('21T13:00:00'), { model: null }, { ...nothing, state: 'refused' }),
    made(day('21T13:00:00'), { model: 'a', endpoint: 'count_tokens' }, cost('9')),
    made(day('21T13:00:00'), { model: 'a', upstream: 'http://simulator', simulated: true }, cost('9')),
    made(day('22T00:00:00'), { model: 'a' }, cost('9')),
    made(new Date(day('21T00:00:00').getTime() - 1), { model: 'a' }, cost('9')),
  ]);
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
      { lane: 'batch', requests: 4, costUsd: '0.000000000012' },
      { lane: 'sync', requests: 27, costUsd: '22.5' },
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

test('latency over time leaves gaps', async () => {
  const { buckets } = await readLatencySeries(database.pools.analytics, { ...scope, bucket: '6h', timeZone: 'UTC' });
  expect(buckets.map(({ series }) => series)).toEqual([
    {},
    { a: { n: 20, p50: 100, p95: 190 } },
    { b: { n: 6, p50: 1000, p95: null }, c: { n: 1, p50: null, p95: null } },
    {},
  ]);
  const sync = { ...scope, lanes: ['sync' as const], models: ['b'], bucket: '1d' as const, timeZone: 'UTC' };
  expect((await readLatencySeries(database.pools.analytics, sync)).buckets[0]!.series).toEqual({
    b: { n: 2, p50: null, p95: null },
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

  test('the band is Wilson’s', () => {
    // Newcombe 1998, table I: 81 of 263.
    const [low, high] = wilson(81 / 263, 263);
    expect(low).toBeCloseTo(0.2553, 4);
    expect(high).toBeCloseTo(0.3662, 4);
    expect(wilson(1, 10)[1]).toBe(1);
    expect(wilson(0, 10)[0]).toBe(0);
  });
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
