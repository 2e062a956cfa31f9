import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Prediction } from '@/lib/core/policy/judge';
import type { PriceRow } from '@/lib/core/pricing';
import { type BatchRow, insertBatches } from '@/lib/testing/batch-rows';
import { day, made, scope, upstream } from '@/lib/testing/metric-sample';
import { attemptRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { Ingest } from './ingest';
import { readCalibration } from './metrics-calibration';
import { readTurnaroundHours, readTurnaroundSeries, readTurnaroundSizes } from './metrics-turnaround-cuts';
import { readWaitingValue } from './metrics-waiting-value';
import { upstreamNumber } from './upstreams';

const NOW = day('21T13:00:00');
const MINUTE = 60_000;
const USD = 1_000_000_000_000n;
const price = (input: bigint): PriceRow => ({
  id: 1,
  model: '',
  aliases: [],
  effectiveFrom: new Date(0),
  base: { input, output: 5n * input, cacheWrite5m: 0n, cacheWrite1h: 0n, cacheRead: 0n },
  longContext: null,
  batchPermille: 500,
  geoUsPermille: null,
  webSearch: 0n,
});

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  const { hot } = database.pools;
  const upstreamId = await upstreamNumber(hot, upstream.origin, false);
  const ran = (model: string, at: string, minutes: number, over: Partial<BatchRow> = {}): BatchRow => {
    const created = day(`21T${at}:00`).getTime();
    const endedAt = created + minutes * MINUTE;
    return { upstreamId, model, createdAt: created, upstreamCreatedAt: created, endedAt, closedAt: endedAt, ...over };
  };
  const running = (model: string, at: string, over: Partial<BatchRow> = {}): BatchRow => {
    const created = day(`21T${at}:00`).getTime();
    return { upstreamId, model, state: 'open', createdAt: created, upstreamCreatedAt: created, ...over };
  };
  await insertBatches(hot, [
    // quick: five of 1…5 minutes at 10:00, of one item; three of 60 at 11:30, of 50 items, and one that runs.
    ...[1, 2, 3, 4, 5].map((minutes) => ran('quick', '10:00', minutes)),
    ...[60, 60, 60].map((minutes) => ran('quick', '11:30', minutes, { items: 50 })),
    running('quick', '12:50', { items: 2_000 }),
    // slow: ten of 20 minutes at 10:00.
    ...Array.from({ length: 10 }, (_, i) => ran('slow', '10:00', 20, { msgbatchId: `msgbatch_s${i}` })),
    // For the calibration: two in time, one late, one that runs.
    ran('judged', '10:00', 4, { msgbatchId: 'msgbatch_a' }),
    ran('judged', '10:00', 6, { msgbatchId: 'msgbatch_b' }),
    ran('judged', '10:00', 30, { msgbatchId: 'msgbatch_c' }),
    running('judged', '12:58', { msgbatchId: 'msgbatch_d' }),
  ]);
  const answered = (
    model: string,
    lane: 'sync' | 'batch',
    ms: number,
    money: [cost: bigint, sync: bigint],
    over = {},
  ) =>
    made(
      day('21T10:00:00'),
      { model, lane },
      {
        servedBy: lane,
        latencyMs: ms,
        attempts: [attemptRecord({ lane, costPico: String(money[0]), syncCostPico: String(money[1]) })],
        ...over,
      },
    );
  const asked = (batchId: string | null, F: number, h: number | null) =>
    made(
      day('21T10:00:00'),
      { model: 'judged', lane: 'batch', prediction: { h, F } as Prediction },
      { servedBy: 'batch', latencyMs: 1, batchId, attempts: [] },
    );
  const five = [1, 2, 3, 4, 5];
  await new Ingest(hot).write([
    // quick: sync 3 s, batch 3 s + 2 min; 10 dollars saved by each of five; one of them escalated and lost 20 instead.
    ...five.map((i) => answered('quick', 'sync', i * 1_000, [USD, USD])),
    ...[1, 2, 3, 4].map((i) => answered('quick', 'batch', i * 41_000, [10n * USD, 20n * USD])),
    answered('quick', 'batch', 200_000, [0n, 0n], {
      servedBy: 'sync',
      attempts: [
        attemptRecord({ key: 'w', lane: 'batch', costPico: String(20n * USD), syncCostPico: '0', delivered: false }),
        attemptRecord({ key: 's', costPico: String(20n * USD), syncCostPico: String(20n * USD) }),
      ],
    }),
    answered('quick', 'batch', 1, [0n, 0n], { attempts: [attemptRecord({ costPico: null })], state: 'failed' }),
    // slow: no sync to compare with. free: batch is as quick as sync.
    ...five.map(() => answered('slow', 'batch', 20 * MINUTE, [USD, 2n * USD])),
    ...five.flatMap(() => [answered('free', 'batch', 500, [USD, 2n * USD]), answered('free', 'sync', 900, [USD, USD])]),
    // Predictions: of one batch three calls; h decides what in time means.
    asked('msgbatch_a', 0.9, 5 * MINUTE),
    asked('msgbatch_a', 0.9, 5 * MINUTE),
    asked('msgbatch_a', 0.92, 3 * MINUTE),
    asked('msgbatch_b', 0.94, 6 * MINUTE),
    asked('msgbatch_c', 0.3, 10 * MINUTE),
    asked('msgbatch_d', 0.97, 5 * MINUTE),
    asked('msgbatch_d', 1, MINUTE),
    asked(null, 0.97, 5 * MINUTE),
    asked('msgbatch_a', 0.97, null),
  ]);
});
afterAll(() => database.drop());

describe('turnaround', () => {
  test('per bucket, running batches counted and no percentile of too few', async () => {
    const { buckets } = await readTurnaroundSeries(
      database.pools.analytics,
      { ...scope, models: ['quick'], bucket: '1h', timeZone: 'UTC' },
      NOW,
    );
    expect(buckets).toHaveLength(24);
    expect(
      buckets.filter(({ series }) => series.quick).map(({ at, series }) => [at.slice(11, 16), series.quick]),
    ).toEqual([
      ['10:00', { n: 5, pending: 0, p50: 180_000, p90: null, p95: null, p99: null }],
      ['11:00', { n: 3, pending: 0, p50: null, p90: null, p95: null, p99: null }],
      ['12:00', { n: 0, pending: 1, p50: null, p90: null, p95: null, p99: null }],
    ]);
  });

  test('per hour of the day, in the zone that is asked for', async () => {
    const hours = async (zone: string) =>
      (await readTurnaroundHours(database.pools.analytics, scope, zone, NOW)).hours.filter(({ series }) => series.slow);
    expect(
      (await hours('UTC')).map(({ hour, series }) => [hour, series.slow?.n, series.slow?.p50, series.slow?.p90]),
    ).toEqual([[10, 10, 1_200_000, 1_200_000]]);
    expect((await hours('Asia/Kolkata')).map(({ hour }) => hour)).toEqual([15]);
    expect((await readTurnaroundHours(database.pools.analytics, scope, 'UTC', NOW)).hours).toHaveLength(24);
  });

  test('per size', async () => {
    const { sizes } = await readTurnaroundSizes(database.pools.analytics, scope, NOW);
    expect(sizes.map(({ from, to, series }) => [from, to, series.quick?.n, series.quick?.pending])).toEqual([
      [1, 1, 5, 0],
      [2, 10, undefined, undefined],
      [11, 100, 3, 0],
      [101, 1_000, undefined, undefined],
      [1_001, null, 0, 1],
    ]);
  });
});

test('what a minute of waiting buys', async () => {
  const { rows } = await readWaitingValue(
    database.pools.analytics,
    scope,
    (model) => (model === 'quick' ? price(1_500_000n) : null),
    NOW,
  );
  const of = (name: string) => rows.find(({ model }) => model === name);
  // Four saved ten dollars each, one cost twenty more: 20 of five are 4 per request. 123 s in batch, 3 s in sync.
  expect(of('quick')).toMatchObject({
    price: { inputUsd: '1.5', outputUsd: '7.5' },
    batched: 5,
    escalated: 1,
    savedUsd: '20',
    savedPerRequestUsd: '4',
    sync: { n: 5, p50: 3_000 },
    batch: { n: 5, p50: 123_000 },
    extraMs: 120_000,
    savedPerMinuteUsd: '2',
    turnaround: {
      n: 8,
      pending: 1,
      newestEndedAt: '2026-11-21T12:30:00.000Z',
      oldestPendingAt: '2026-11-21T12:50:00.000Z',
    },
  });
  expect(of('slow')).toMatchObject({ price: null, savedPerRequestUsd: '1', extraMs: null, savedPerMinuteUsd: null });
  expect(of('slow')?.turnaround).toMatchObject({ n: 10, p50: 1_200_000, low: 1_200_000, high: 1_200_000 });
  expect(of('free')).toMatchObject({ extraMs: -400, savedPerMinuteUsd: null });
  expect(rows[0]?.model).toBe('quick');
});

test('predictions beside what happened', async () => {
  const { models } = await readCalibration(database.pools.analytics, scope, NOW);
  const [judged] = models;
  expect(models).toHaveLength(1);
  // a ended after 4 minutes, b after 6, c after 30; d has run for 2.
  expect(judged).toMatchObject({ model: 'judged', open: 2, all: { calls: 6, batches: 4, inTime: 0.5 } });
  const rounded = judged?.bins.map((bin) => [
    bin.from,
    bin.to,
    bin.calls,
    bin.batches,
    bin.predicted.toFixed(4),
    bin.inTime.toFixed(4),
  ]);
  expect(rounded).toEqual([
    [0.25, 0.5, 1, 1, '0.3000', '0.0000'],
    [0.9, 0.95, 4, 2, '0.9150', '0.7500'],
    [0.98, 1, 1, 1, '1.0000', '0.0000'],
  ]);
  const squares = [0.1, 0.1, 0.92, 0.06, 0.3, 1].reduce((sum, off) => sum + off * off, 0);
  expect(judged?.all?.brier).toBeCloseTo(squares / 6, 9);
});
