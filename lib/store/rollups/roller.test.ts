import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS } from '@/lib/core/duration';
import type { Uuid } from '@/lib/core/ids';
import type { Bucket } from '@/lib/core/time-range';
import { bookAttempts, refreshSums } from '@/lib/store/attempts';
import { Ingest } from '@/lib/store/ingest';
import { createKey } from '@/lib/store/keys';
import type { LoggedRequest } from '@/lib/store/log-row';
import { readCost } from '@/lib/store/metrics-cost';
import { readLatency } from '@/lib/store/metrics-latency';
import { readLatencySeries } from '@/lib/store/metrics-latency-series';
import { readSavings } from '@/lib/store/metrics-savings';
import { readSummary } from '@/lib/store/metrics-summary';
import { readTokens } from '@/lib/store/metrics-tokens';
import { readVolume } from '@/lib/store/metrics-volume';
import { dropExpiredPartitions } from '@/lib/store/partitions';
import { insertBatches } from '@/lib/testing/batch-rows';
import { cost, made, upstream } from '@/lib/testing/metric-sample';
import { PLAIN_KEY } from '@/lib/testing/plain-key';
import { attemptRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { floorTo, HOUR_MS, QUARTER_MS } from './grains';
import { rebuild } from './rebuild';
import { Roller } from './roller';

const TODAY = floorTo(Date.now(), DAY_MS);
const FROM = TODAY - 3 * DAY_MS;
const monotonic = () => performance.now();

let database: TestDatabase;
let keyId: Uuid | null = null;
beforeAll(async () => {
  database = await testDatabase();
  const key = await createKey(database.pools.admin, {
    ...PLAIN_KEY,
    name: 'nightly',
    secretHmac: 'hmac',
    prefix: 'opk_abcd',
    last4: 'wxyz',
  });
  if (key !== 'name_taken') keyId = key.id as Uuid;
});
afterAll(() => database.drop());

/** As far as it can at that moment, with a new memory each time. */
const rollAll = async (now = TODAY) => {
  while ((await new Roller({ sql: database.pools.rollups, now: () => now, monotonic }).turn()) > 0);
};
const range = { from: new Date(FROM), to: new Date(TODAY) };

/** Every door's answer, over these days in that zone. */
async function answers(timeZone = 'UTC', bucket: Bucket = '6h') {
  const sql = database.pools.analytics;
  const scope = { upstream, range };
  const series = { ...scope, bucket, timeZone };
  const groups = ['model', 'lane', 'rule', 'key', 'tag.team', 'tag.none'];
  const sums = {
    summary: await readSummary(sql, scope),
    costs: await Promise.all(groups.map((groupBy) => readCost(sql, { ...series, groupBy }))),
    oneModel: await readCost(sql, { ...series, groupBy: 'lane', models: ['m1'] }),
    ofSome: await readSavings(sql, { ...series, models: ['m1'], lanes: ['batch'], keys: ['nightly'] }),
    volume: await readVolume(sql, series),
    savings: await readSavings(sql, series),
    tokens: await readTokens(sql, series),
  };
  const { rows } = await readLatency(sql, scope, [], new Date(TODAY));
  const { buckets } = await readLatencySeries(sql, series);
  const times = [
    ...rows.flatMap(({ p50, p90, p95, p99 }) => [p50, p90, p95, p99]),
    ...buckets.flatMap(({ series: of }) =>
      Object.keys(of)
        .sort()
        .flatMap((name) => [of[name]?.p50 ?? null, of[name]?.p95 ?? null]),
    ),
    ...sums.summary.byModel.splice(0).flatMap(({ p50, p95, ...model }) => {
      sums.summary.byModel.push({ ...model, p50: null, p95: null });
      return [p50, p95];
    }),
  ];
  const counts = rows.map(({ model, lane, measure, n }) => [model, lane, measure, n]);
  return { sums, counts, times };
}

/** The same seen from the raw rows: everything is marked. */
async function rawAnswers(timeZone?: string, bucket?: Bucket) {
  const { rollups } = database.pools;
  const [first] = await rollups<{ id: string }[]>`select coalesce(max(id), 0) as id from rollup_marks`;
  await rollups`
    insert into rollup_marks (upstream_id, grain, at)
    select u.id, 15, at from upstreams u, generate_series(${range.from}::timestamptz, ${range.to}, '15 minutes') at`;
  const told = await answers(timeZone, bucket);
  await rollups`delete from rollup_marks where id > ${first?.id ?? '0'}::bigint`;
  return told;
}

function expectSame(rolled: Awaited<ReturnType<typeof answers>>, raw: Awaited<ReturnType<typeof answers>>): void {
  expect(rolled.sums).toEqual(raw.sums);
  expect(rolled.counts).toEqual(raw.counts);
  expect(rolled.times.map((ms) => ms === null)).toEqual(raw.times.map((ms) => ms === null));
  rolled.times.forEach((ms, i) => {
    expect(Math.abs((ms ?? 0) - (raw.times[i] ?? 0))).toBeLessThanOrEqual(0.02 * (raw.times[i] ?? 0));
  });
}

function history(random: () => number, size: number): LoggedRequest[] {
  const pick = <T>(...all: T[]) => all[Math.floor(random() * all.length)] as T;
  return Array.from({ length: size }, () => {
    const arrivedAt = new Date(FROM + Math.floor(random() * 3 * DAY_MS));
    const lane = pick('sync' as const, 'batch' as const);
    const attempt = attemptRecord({
      lane,
      model: 'm',
      startedAt: arrivedAt.getTime() + random() * 60_000,
      costPico: pick('1000', '77', null),
      usage: { input_tokens: 7, output_tokens: pick(1, 2), cache_creation: { ephemeral_1h_input_tokens: 3 } },
    });
    return made(
      arrivedAt,
      {
        model: pick('m1', 'm2', null),
        lane,
        rule: pick('default', 'evals'),
        keyId: pick(keyId, null),
        stream: pick(true, false),
        maxTokens: pick(100, 10_000, null),
        deadlineAt: pick(null, arrivedAt.getTime() + 1_000),
        tags: pick({ team: pick('x', 'y') }, { team: 'z', job: 'n' }, {}),
        endpoint: pick('messages', 'messages', 'messages', 'count_tokens'),
      },
      {
        state: pick('succeeded', 'succeeded', 'succeeded', 'failed', 'aborted', 'interrupted'),
        latencyMs: pick(null, random() * 100_000, random() * 100),
        ttfbMs: pick(null, random() * 1_000),
        attempts: pick([], [attempt], [attempt, attemptRecord({ costPico: '5', delivered: false })]),
      },
    );
  });
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('what is rolled up says what the raw rows say: late rows, late waste, re-runs and crashes change nothing', async () => {
  const random = seeded(5);
  const { hot, rollups } = database.pools;
  const ingest = new Ingest(hot);
  const log: LoggedRequest[] = [];
  const points = ['unmarked', 'rolled', 'marked'];
  const crash = async (point: string) => {
    if (random() < 0.15) throw new Error(`crash ${points.indexOf(point)}`);
  };
  for (let round = 0; round < 25; round++) {
    const more = history(random, 30);
    log.push(...more);
    await ingest.write(more);
    // Written twice, as after a lost answer.
    if (round % 4 === 0) await ingest.write(more);
    // What an old request cost in vain comes later.
    const late = log.filter(() => random() < 0.05);
    await hot.begin(async (tx) => {
      await bookAttempts(
        tx,
        late.map(({ opened }) => ({ opened, attempt: attemptRecord({ costPico: '9', delivered: false }) })),
      );
      await refreshSums(
        tx,
        late.map(({ opened }) => opened.id),
      );
    });
    // Two processes at it, one of them dies now and then.
    const now = FROM + random() * 4 * DAY_MS;
    const rollers = [crash, undefined].map(
      (dies) => new Roller({ sql: rollups, now: () => now, monotonic, ...(dies && { crash: dies }) }),
    );
    await Promise.allSettled(rollers.map((roller) => roller.turn(3)));
  }
  const raw = await rawAnswers();
  const berlin = await rawAnswers('Europe/Berlin', '1d');
  const kolkata = await rawAnswers('Asia/Kolkata', '1d');
  await rollAll();
  const marks = await rollups`select distinct grain from rollup_marks`;
  expect(marks.length).toBe(0);
  // Nothing is left to be read raw; lane and queue times have no row of their own.
  await hot`delete from requests`;
  expectSame(await answers(), raw);
  expectSame(await answers('Europe/Berlin', '1d'), berlin);
  expectSame(await answers('Asia/Kolkata', '1d'), kolkata);
  expect(raw.sums.summary.requests).toBeGreaterThan(400);
});

describe('after that', () => {
  test('an answer never waits for a roll: rows that are not rolled up yet are added to those that are', async () => {
    const before = await answers();
    await new Ingest(database.pools.hot).write([made(new Date(FROM + HOUR_MS), { model: 'new' }, cost('1'))]);
    const after = await answers();
    expect(after.sums.summary.requests).toBeLessThanOrEqual(before.sums.summary.requests + 1);
    expect(after.sums.summary.byModel.find(({ model }) => model === 'new')).toMatchObject({ requests: 1, n: 1 });
  });

  test('batches are rolled up by upstream’s creation', async () => {
    const { hot, rollups } = database.pools;
    const [row] = await hot<{ id: number }[]>`select id from upstreams limit 1`;
    const at = FROM + 5 * HOUR_MS;
    await insertBatches(hot, [
      { upstreamId: row?.id ?? 0, createdAt: at, upstreamCreatedAt: at, endedAt: at + 60_000, closedAt: at + 61_000 },
    ]);
    await rollAll();
    const rows = await rollups`select measure, grain from rollup_timings where at between ${new Date(at - DAY_MS)}
      and ${new Date(at)} and measure in ('turnaround', 'collect') order by measure, grain`;
    expect(rows.map(({ measure, grain }) => [measure, grain])).toEqual(
      ['collect', 'turnaround'].flatMap((measure) => [15, 60, 1440].map((grain) => [measure, grain])),
    );
  });

  test('hours and days whose raw rows retention has removed stay as they are', async () => {
    await database.pools.hot`delete from requests`;
    await rebuild(database.pools.rollups, { now: () => TODAY, monotonic, tagNames: null });
    expect((await answers()).sums.summary.requests).toBe(0);
    await new Ingest(database.pools.hot).write([made(new Date(FROM + QUARTER_MS), {}, cost('1'))]);
    await rollAll();
    const dropped = await dropExpiredPartitions(database.pools.hot, { log: 0, bodies: 0 }, TODAY);
    expect(dropped.length).toBeGreaterThan(0);
    await database.pools
      .hot`insert into rollup_marks (upstream_id, grain, at) select id, 15, ${new Date(FROM + QUARTER_MS)} from upstreams`;
    await rollAll();
    expect((await answers()).sums.summary.requests).toBe(1);
  });
});
