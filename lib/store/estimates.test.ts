import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outputClass } from '@/lib/core/estimate/model-estimate';
import { estimateDone } from '@/lib/core/estimate/turnaround-estimate';
import { type Uuid, uuidV7 } from '@/lib/core/ids';
import { type BatchRow, insertBatches } from '@/lib/testing/batch-rows';
import { cost, made } from '@/lib/testing/metric-sample';
import { attemptRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { type FreshEstimate, loadEstimates } from './estimates';
import { Ingest } from './ingest';
import { SpendToday } from './spend-today';
import { upstreamNumber } from './upstreams';

const NOW = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KEY = uuidV7(NOW, randomBytes(10)) as Uuid;

let database: TestDatabase;
let upstreamId: number;
let estimates: Map<string, FreshEstimate>;

const of = (model: string) => {
  const estimate = estimates.get(model);
  if (!estimate) throw new Error(`nothing of ${model}`);
  return estimate;
};
const load = (now = NOW, timeZone?: string) =>
  loadEstimates(database.pools.analytics, upstreamId, now, timeZone === undefined ? {} : { timeZone });

/** Ended `ms` after upstream made it, 2 s after its claim; read 3 s later. */
const ended = (createdAt: number, ms: number, over: Partial<BatchRow> = {}): BatchRow => ({
  upstreamId,
  createdAt: createdAt - 2_000,
  upstreamCreatedAt: createdAt,
  endedAt: createdAt + ms,
  seenEndedAt: createdAt + ms + 1_000,
  closedAt: createdAt + ms + 3_000,
  counts: { succeeded: 1, errored: 0, canceled: 0, expired: 0, processing: 0 },
  ...over,
});

beforeAll(async () => {
  database = await testDatabase();
  const { hot } = database.pools;
  upstreamId = await upstreamNumber(hot, 'https://api.test', false);
  await insertBatches(hot, [
    // a: one a minute, 1 … 40 s long, the youngest last.
    ...Array.from({ length: 40 }, (_, i) => ended(NOW - (45 - i) * MINUTE, (i + 1) * 1_000)),
    ended(NOW - 5 * MINUTE, 9_000, { state: 'ended', closedAt: undefined as never }),
    // b: five ended, one open for a minute, one canceled after 5 s, one expired, and those that say nothing.
    ...[10, 20, 30, 40, 50].map((s) => ended(NOW - 2 * HOUR, s * 1_000, { model: 'b' })),
    { model: 'b', upstreamId, state: 'open', createdAt: NOW - MINUTE, upstreamCreatedAt: NOW - MINUTE },
    ended(NOW - 2 * HOUR, 25_000, { model: 'b', cancelRequestedAt: NOW - 2 * HOUR + 5_000 }),
    ended(NOW - 2 * DAY, DAY + 5, { model: 'b', counts: { expired: 1 }, expiresAt: NOW - DAY }),
    { model: 'b', upstreamId, state: 'unknown', createdAt: NOW - HOUR },
    { model: 'b', upstreamId, state: 'void', createdAt: NOW - HOUR, closedAt: NOW - HOUR },
    { model: 'b', upstreamId, state: 'posting', createdAt: NOW - 10 },
    // Too old, too new, of another upstream.
    ended(NOW - 15 * DAY, 1_000, { model: 'old' }),
    ended(NOW + 3_000, 1_000, { model: 'new' }),
    ended(NOW - HOUR, 1_000, { model: 'a', upstreamId: 99 }),
  ]);
  await hot`insert into items (id, upstream_id, state, opened, credential, group_key, headers, model, size_class, bytes,
      max_items, fingerprint, arrived_at, window_ends_at, answer_by)
    select gen_random_uuid(), u, s, '{}', 'c', 'g', '[]', 'a', 'small', 1, 1, 'f', now(), now(), now()
    from unnest(array['queued', 'batched', 'escalating', 'done']) s, unnest(array[${upstreamId}::int, 99]) u`;
  await new Ingest(hot).write([
    // a: 30 calls of 10 … 300 ms and 100 tokens below 1,024; 20 of a key, 19 of another class.
    ...Array.from({ length: 30 }, (_, i) =>
      made(
        new Date(NOW - HOUR + i),
        { model: 'a', maxTokens: 1_024, keyId: i < 20 ? KEY : null },
        { ...answered(i < 20 ? 130 : 40), latencyMs: (i + 1) * 10 },
      ),
    ),
    ...Array.from({ length: 19 }, (_, i) =>
      made(new Date(NOW - HOUR + i), { model: 'a', maxTokens: 1_025 }, { ...answered(900), latencyMs: 9_000 }),
    ),
    // Not the sync lane's time, not a success, not of the last day.
    ...Array.from({ length: 25 }, () =>
      made(
        new Date(NOW - HOUR),
        { model: 'a', lane: 'batch', maxTokens: 10 },
        { ...ofBatch(300, 100), latencyMs: 1e6 },
      ),
    ),
    ...Array.from({ length: 25 }, () =>
      made(new Date(NOW - HOUR), { model: 'a', maxTokens: 10 }, { ...cost('0'), state: 'failed', latencyMs: 1e6 }),
    ),
    ...Array.from({ length: 25 }, () =>
      made(new Date(NOW - DAY - 1), { model: 'a', maxTokens: 10 }, { ...cost('0'), latencyMs: 1e6 }),
    ),
    // c: money only. Midnight in Berlin is an hour before that of UTC.
    made(new Date('2026-11-22T00:00:00Z'), { model: 'c' }, cost('1000000000000', '500000000000')),
    made(new Date('2026-11-21T23:30:00Z'), { model: 'c' }, cost('250000000000')),
    made(new Date('2026-11-21T22:30:00Z'), { model: 'c' }, cost('7000000000000')),
    made(new Date(NOW), { model: 'c' }, cost('7000000000000')),
    // d: ten of twelve escalated items were billed by their batch too.
    ...Array.from({ length: 13 }, (_, i) => escalated(i < 10 ? 'billed' : i < 12 ? 'canceled' : 'unknown')),
  ]);
  estimates = await load();
});
afterAll(() => database.drop());

function answered(output: number) {
  return { attempts: [attemptRecord({ usage: { input_tokens: 1, output_tokens: output }, costPico: '0' })] };
}

function ofBatch(read: number, written: number) {
  const usage = { output_tokens: 'many', cache_read_input_tokens: read, cache_creation_input_tokens: written };
  return { servedBy: 'batch' as const, attempts: [attemptRecord({ lane: 'batch', usage, costPico: '0' })] };
}

function escalated(batch: 'billed' | 'canceled' | 'unknown') {
  const usage = batch === 'billed' ? { output_tokens: 1 } : null;
  const ofTheBatch = attemptRecord({ key: 'batch', lane: 'batch', usage, costPico: '0', delivered: false });
  const sync = attemptRecord({ costPico: '0' });
  const attempts = batch === 'unknown' ? [sync] : [ofTheBatch, sync];
  return made(new Date(NOW - HOUR), { model: 'd', lane: 'batch' }, { servedBy: 'sync', attempts });
}

describe('of batches', () => {
  test('turnaround is upstream’s own, newer ones weighing more', () => {
    const { turnaround, batchSamples } = of('a');
    expect(batchSamples).toBe(41);
    expect(turnaround && estimateDone(turnaround, 40_000).share).toBe(1);
    // The newest are the longest: weighted, the median lies above the plain 20 s.
    expect(of('a').batchP50).toBeGreaterThan(20_000);
    expect(of('a').batchP90).toBeLessThanOrEqual(40_000);
  });

  test('running, canceled and expired ones are censored; unknown and void ones are none', () => {
    const { turnaround, batchSamples, batchP50, batchP90 } = of('b');
    expect(turnaround?.curve).toMatchObject({ ended: 5, censored: 3 });
    expect(batchSamples).toBe(5);
    expect(batchP50).toBeGreaterThan(0);
    expect(batchP90).toBeNull();
  });

  test('between which ages they end; nothing of fewer than five', async () => {
    expect(of('b').likelyEnd).toEqual({ from: 10_000, to: 50_000 });
    expect(of('a').likelyEnd?.from).toBeLessThan(of('a').likelyEnd?.to ?? 0);
    const early = await load(NOW - 45 * MINUTE + 20_000);
    expect(early.get('a')).toMatchObject({ likelyEnd: null, batchSamples: 1 });
  });

  test('what is added before and after, where ten were seen', () => {
    expect(of('a')).toMatchObject({ createLagMs: 2_000, collectLagMs: 3_000 });
    expect(of('b')).toMatchObject({ createLagMs: null, collectLagMs: null });
  });

  test('neither too old nor of another upstream nor of the future', () => {
    expect([...estimates.keys()].sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('the past is told as it was known', async () => {
    const then = NOW - 20 * MINUTE + 500;
    const { turnaround } = (await load(then)).get('a') as FreshEstimate;
    // The one of 20 minutes ago ran then, and ran 26 s in all; that of the minute before had been seen to end.
    expect(turnaround?.curve).toMatchObject({ ended: 25, censored: 1 });
    await insertBatches(database.pools.hot, [ended(NOW - 10_000, 1_000)]);
    expect((await load(then)).get('a')?.turnaround).toEqual(turnaround);
  });

  test('the backlog is what is not done', () => {
    expect(of('a').batchBacklog).toBe(3);
    expect(of('b').batchBacklog).toBe(0);
  });
});

describe('of calls', () => {
  test('sync latency: p95 of successes of the last day, by class where there are twenty', () => {
    expect([...of('a').syncP95ByMaxTokens]).toEqual([[1_024, 290]]);
    expect(of('a').syncP95).toBe(9_000);
    expect(of('c').syncP95).toBeNull();
    expect(of('b')).toMatchObject({ syncP95: null, billedAnywayShare: 1 });
  });

  test('output: means by class and by key, where there are twenty; what is no number is none', () => {
    expect([...of('a').outputTokens].sort()).toEqual(
      [
        [outputClass(null, 1_024), 100],
        [outputClass(KEY, 1_024), 130],
      ].sort(),
    );
  });

  test('what batches read from cache, and whether escalated items were billed', () => {
    expect(of('a').batchReadShare).toBeCloseTo(0.75, 12);
    expect(of('c').batchReadShare).toBeNull();
    expect(of('d').billedAnywayShare).toBeCloseTo(20 / 22, 12);
  });
});

describe('the day’s spend', () => {
  test('begins at midnight in its zone', async () => {
    expect(of('c').spendToday).toBe(1.5);
    expect((await load(NOW, 'Europe/Berlin')).get('c')?.spendToday).toBe(1.75);
  });

  test('is read more rarely the longer it takes, but anew at midnight', async () => {
    let ms = 0;
    const spend = new SpendToday(database.pools.analytics, upstreamId, () => (ms += 50));
    const read = (now = NOW, zone = 'UTC') => spend.read(now, zone).then((all) => all.get('c'));
    expect(await read()).toBe(1.5);
    expect(await read(NOW + DAY / 4)).toBe(1.5);
    expect(await read(NOW, 'Europe/Berlin')).toBe(1.75);
    ms += 2_500;
    expect(await read(NOW + 1_000, 'Europe/Berlin')).toBe(8.75);
  });
});

test('ten thousand batches and requests cost little', async () => {
  const { hot, analytics } = database.pools;
  const busy = await upstreamNumber(hot, 'https://busy.test', false);
  await insertBatches(
    hot,
    Array.from({ length: 10_000 }, (_, i) => ended(NOW - i * 1_000, 60_000, { upstreamId: busy, model: `m${i % 7}` })),
  );
  await new Ingest(hot).write(
    Array.from({ length: 10_000 }, (_, i) =>
      made(new Date(NOW - i * 1_000), { upstream: 'https://busy.test', model: `m${i % 7}` }, cost('1')),
    ),
  );
  await hot`analyze batches, requests`;
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const before = performance.now();
    const loaded = await loadEstimates(analytics, busy, NOW + 1_000);
    times.push(performance.now() - before);
    expect(loaded.size).toBe(7);
    expect(loaded.get('m0')?.batchSamples).toBeGreaterThan(480);
  }
  expect(Math.min(...times)).toBeLessThan(500);
});
