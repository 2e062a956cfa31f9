import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS } from '@/lib/core/duration';
import { observeBatch } from '@/lib/core/estimate/turnaround';
import { wilson } from '@/lib/core/estimate/wilson';
import { uuidV7 } from '@/lib/core/ids';
import { type BatchRow, insertBatches } from '@/lib/testing/batch-rows';
import { day, made, scope, upstream } from '@/lib/testing/metric-sample';
import { attemptRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { Ingest } from './ingest';
import { readLatency } from './metrics-latency';
import { readTurnaround } from './metrics-turnaround';
import { upstreamNumber } from './upstreams';

const AT = day('21T12:00:00').getTime();
const NOW = new Date(AT + 600_000);

let database: TestDatabase;
let upstreamId: number;
let other: number;

const ran = (model: string, ms: number, over: Partial<BatchRow> = {}): BatchRow => ({
  upstreamId,
  model,
  createdAt: AT - 1_000,
  upstreamCreatedAt: AT,
  endedAt: AT + ms,
  closedAt: AT + ms + 500,
  ...over,
});
const running = (model: string, ageMs: number): BatchRow => ({
  upstreamId,
  model,
  state: 'open',
  createdAt: NOW.getTime() - ageMs,
  upstreamCreatedAt: NOW.getTime() - ageMs,
});
const tens = (count: number) => Array.from({ length: count }, (_, i) => (i + 1) * 10_000);
const turnaround = async (over = {}) => readTurnaround(database.pools.analytics, { ...scope, ...over }, NOW);

beforeAll(async () => {
  database = await testDatabase();
  const { hot } = database.pools;
  upstreamId = await upstreamNumber(hot, upstream.origin, false);
  other = await upstreamNumber(hot, 'http://simulator', true);
  await insertBatches(hot, [
    // plain: 10, 20 … 200 s, none censored.
    ...tens(20).map((ms) => ran('plain', ms)),
    // mixed: five ended, three run, one canceled, one expired; unknown and void ones are none.
    ...[60_000, 120_000, 180_000, 240_000, 300_000].map((ms) => ran('mixed', ms)),
    ...[90_000, 180_000, 400_000].map((ms) => running('mixed', ms)),
    ran('mixed', 999_000, { cancelRequestedAt: AT + 150_000 }),
    ran('mixed', DAY_MS, { counts: { expired: 2 } }),
    { upstreamId, model: 'mixed', state: 'unknown', createdAt: AT },
    { upstreamId, model: 'mixed', state: 'void', createdAt: AT, closedAt: AT },
    // Made just before, and just after the range by upstream’s clock; ours says otherwise.
    ran('edge', 1_000, { createdAt: day('21T00:00:01').getTime(), upstreamCreatedAt: day('20T23:59:59').getTime() }),
    ran('edge', 1_000, { createdAt: day('21T23:59:59').getTime(), upstreamCreatedAt: day('22T00:00:00').getTime() }),
    running('only-running', 5_000),
    ran('plain', 5_000, { upstreamId: other }),
  ]);
  const queued = (model: string, waitMs: number, over = {}) =>
    made(
      new Date(AT + 123),
      { model, lane: 'batch', ...over },
      { servedBy: 'batch', attempts: [attemptRecord({ lane: 'batch', startedAt: AT + 123 + waitMs })] },
    );
  await new Ingest(hot).write([
    ...tens(10).map((ms) => queued('plain', ms)),
    // A spilled call waited too; a clock behind ours makes no negative wait; sync attempts are no batches.
    queued('spilled', 7_000, { lane: 'sync' }),
    queued('spilled', -400),
    made(new Date(AT), { model: 'plain' }),
    queued('plain', 1, { upstream: 'http://simulator', simulated: true }),
    made(day('22T00:00:00'), { model: 'plain', lane: 'batch' }, { attempts: [attemptRecord({ lane: 'batch' })] }),
  ]);
  const item = (model: string, state: string, at: number) => ({
    id: uuidV7(at, randomBytes(10)),
    upstream_id: upstreamId,
    state,
    opened: hot.json({}),
    credential: 'c',
    group_key: 'g',
    headers: hot.json([]),
    model,
    size_class: 'small',
    bytes: 1,
    max_items: 1,
    fingerprint: 'f',
    arrived_at: new Date(at),
    window_ends_at: new Date(at),
    answer_by: new Date(at),
  });
  await hot`insert into items ${hot([
    item('plain', 'queued', AT),
    item('plain', 'batched', AT),
    item('plain', 'done', AT),
    item('plain', 'queued', AT + DAY_MS),
    item('silent', 'queued', AT),
  ])}`;
});
afterAll(() => database.drop());

describe('turnaround', () => {
  test('without censoring: nearest rank over batches, null where they are too few', async () => {
    const [row] = await turnaround({ models: ['plain'] });
    expect(row).toMatchObject({
      model: 'plain',
      lane: 'batch',
      measure: 'turnaround',
      n: 20,
      pending: 0,
      p50: 100_000,
      p90: 180_000,
      p95: 190_000,
      p99: null,
    });
    expect(row?.cdf.map(([ms, share]) => [ms, Math.round(share * 20)])).toEqual(tens(20).map((ms, i) => [ms, i + 1]));
    row?.cdf.forEach(([, share, low, high], i) => {
      expect([low, high].map((bound) => bound.toFixed(6))).toEqual(
        wilson((i + 1) / 20, 20).map((bound) => bound.toFixed(6)),
      );
      expect(share).toBeCloseTo((i + 1) / 20, 12);
    });
  });

  test('with censoring: the product limit, worked out by hand', async () => {
    const [row] = await turnaround({ models: ['mixed'] });
    // At risk at 60 s are 10; at 120 s 8 (one runs since 90 s); at 180 s 6 (one canceled at 150 s); at 240 s 4 (one
    // runs since 180 s); at 300 s 3.
    const left = [9 / 10, 7 / 8, 5 / 6, 3 / 4, 2 / 3];
    const shares = left.map((_, i) => 1 - left.slice(0, i + 1).reduce((a, b) => a * b, 1));
    expect(row).toMatchObject({ n: 5, pending: 3, p50: 240_000, p90: null });
    expect(row?.cdf.map(([ms]) => ms)).toEqual([60_000, 120_000, 180_000, 240_000, 300_000]);
    row?.cdf.forEach(([, share, low, high], i) => {
      expect(share).toBeCloseTo(shares[i] as number, 12);
      expect(low).toBeLessThan(share);
      expect(high).toBeGreaterThan(share);
    });
    // Greenwood at 240 s.
    const variance = (1 - (shares[3] as number)) ** 2 * (1 / (10 * 9) + 1 / (8 * 7) + 1 / (6 * 5) + 1 / (4 * 3));
    const effective = ((shares[3] as number) * (1 - (shares[3] as number))) / variance;
    expect(row?.cdf[3]?.[2]).toBeCloseTo(wilson(shares[3] as number, effective)[0], 9);
  });

  test('of what only runs there is a row without percentiles', async () => {
    expect(await turnaround({ models: ['only-running'] })).toMatchObject([{ n: 0, pending: 1, p50: null, cdf: [] }]);
  });

  test('by upstream’s creation in the range, of one upstream, of the batch lane', async () => {
    expect((await turnaround()).map(({ model, n }) => [model, n])).toEqual([
      ['plain', 20],
      ['mixed', 5],
      ['only-running', 0],
    ]);
    expect(await turnaround({ lanes: ['sync'] })).toEqual([]);
    const simulated = { upstream: { origin: 'http://elsewhere', simulated: true } };
    expect((await turnaround(simulated)).map(({ model, n }) => [model, n])).toEqual([['plain', 1]]);
  });

  test('what a batch says is the same in SQL as in the estimates', async () => {
    const { hot, analytics } = database.pools;
    const id = await upstreamNumber(hot, 'https://equal.test', false);
    const range = { from: day('01T00:00:00'), to: day('10T00:00:00') };
    const base = day('05T00:00:00').getTime();
    const now = base + 2 * DAY_MS;
    const ms = fc.integer({ min: 1, max: 999 });
    const maybe = fc.option(ms, { nil: undefined });
    const batch = fc.record({ ended: maybe, cancel: maybe, closed: maybe, expired: fc.nat(1), canceled: fc.nat(1) });
    const samples = fc.sample(batch, { numRuns: 200, seed: 3 });
    const times = samples.map(({ ended, cancel, closed, expired, canceled }) => ({
      upstreamCreatedAt: base,
      upstreamEndedAt: ended === undefined ? null : base + ended,
      seenEndedAt: ended === undefined ? null : base + ended,
      cancelRequestedAt: cancel === undefined ? null : base + cancel,
      closedAt: closed === undefined ? null : base + closed,
      expiresAt: null,
      expired,
      canceled,
    }));
    await insertBatches(
      hot,
      times.map((one, i) => ({
        upstreamId: id,
        model: `m${i}`,
        createdAt: base,
        upstreamCreatedAt: base,
        counts: { expired: one.expired, canceled: one.canceled },
        ...(one.upstreamEndedAt === null ? {} : { endedAt: one.upstreamEndedAt }),
        ...(one.cancelRequestedAt === null ? {} : { cancelRequestedAt: one.cancelRequestedAt }),
        ...(one.closedAt === null ? {} : { closedAt: one.closedAt }),
      })),
    );
    const rows = await readTurnaround(
      analytics,
      { upstream: { origin: 'https://equal.test', simulated: false }, range },
      new Date(now),
    );
    expect(rows).toHaveLength(200);
    for (const { model, n, cdf } of rows) {
      const seen = observeBatch(times[Number(model.slice(1))] as (typeof times)[number], now);
      expect([model, n, cdf[0]?.[0]]).toEqual([model, seen?.ended ? 1 : 0, seen?.ended ? seen.ms : undefined]);
    }
  });
});

test('queue rows: from arrival until the batch began', async () => {
  const { rows } = await readLatency(database.pools.analytics, scope, [], NOW);
  const queue = rows.filter(({ measure }) => measure === 'queue');
  expect(queue.map(({ model, lane, n, pending, p50, p90, p95 }) => [model, lane, n, pending, p50, p90, p95])).toEqual([
    ['plain', 'batch', 10, 2, 50_000, 90_000, null],
    ['spilled', 'batch', 2, 0, null, null, null],
    ['silent', 'batch', 0, 1, null, null, null],
  ]);
  expect(queue[1]?.cdf.map(([ms, share]) => [ms, share])).toEqual([
    [0, 0.5],
    [7_000, 1],
  ]);
  expect(rows.filter(({ measure }) => measure === 'turnaround').map(({ model }) => model)).toEqual([
    'plain',
    'mixed',
    'only-running',
  ]);
  const sync = await readLatency(database.pools.analytics, { ...scope, lanes: ['sync'] }, [], NOW);
  expect(sync.rows.filter(({ measure }) => measure === 'queue' || measure === 'turnaround')).toEqual([]);
});
