// biome-ignore-all lint/suspicious/noThenProperty: the document's own word
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FactsAsked } from '@/lib/core/backtest/facts-asked';
import { factsAsked } from '@/lib/core/backtest/facts-asked';
import { type Uuid, uuidV7 } from '@/lib/core/ids';
import { compilePolicy } from '@/lib/core/policy/compile';
import type { DecisionFacts } from '@/lib/core/policy/decision-facts';
import type { PolicyDocument } from '@/lib/core/policy/document';
import { SHIPPED_DOCUMENT } from '@/lib/core/policy/shipped';
import { attemptRecord, closedRecord, openedRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { BacktestPages, type BacktestRow, outcomeOf } from './backtest-rows';
import { Ingest } from './ingest';
import type { LoggedRequest } from './log-row';
import { findLoggedCall, KnownEstimates, toLoggedCall } from './logged-calls';
import { loadPriceBook, seedShippedPrices } from './prices';
import { synthKeys } from './synth/synth-keys';

const FROM = Date.UTC(2026, 10, 20, 23);
const MINUTE = 60_000;
const upstream = { origin: 'https://api.test', simulated: false };
const range = { from: new Date(FROM), to: new Date(FROM + 120 * MINUTE) };
const HOSTILE = 'tab\tline\nreturn\r\\N back\\slash \'quote" {"a":1} ünï ~ 3:abc';
const ALL: FactsAsked = {
  tags: ['team', 'job', "o'brien\\"],
  headers: true,
  session: true,
  inputTokens: true,
  prefix: true,
  backlog: true,
  syncP95: true,
  spend: true,
};

let database: TestDatabase;
let log: LoggedRequest[] = [];

beforeAll(async () => {
  database = await testDatabase();
  await seedShippedPrices(database.pools.admin);
  const keys = [...(await synthKeys(database.pools.hot, ['a', HOSTILE])).values()];
  await database.pools.hot`
    insert into estimate_snapshots (id, estimate, used_at) values ('known', ${database.pools.hot.json({ batchSamples: 7 } as never)}, now())`;
  log = Array.from({ length: 300 }, (_, i) => one(i, keys));
  await new Ingest(database.pools.hot).write(log);
});
afterAll(() => database.drop());

function one(i: number, keys: readonly Uuid[]): LoggedRequest {
  const pick = <T>(...all: T[]) => all[Math.floor(Math.random() * all.length)] as T;
  const arrivedAt = FROM + Math.floor((i / 300) * 120 * MINUTE);
  const facts: DecisionFacts | null = pick<DecisionFacts | null>(null, {
    optedOut: pick(true, false),
    ineligible: pick(null, 'stream_only'),
    laneDown: pick(true, false),
    prefix: pick(null, { tokens: 12, state: { lastReadAt: 3, text: HOSTILE } as never }),
    headers: pick({}, { 'x-team': HOSTILE, 'x-none': null }),
    estimateId: pick(null, 'known', 'forgotten'),
    batchBacklog: pick(0, 12),
    syncP95: pick(null, 1_234.5678901234567),
    spendToday: pick(null, 0.1 + 0.2),
    syncNeedMs: pick(3_000, 1 / 3),
    expectedOutput: pick(100, 2 / 3),
    patienceMs: pick(null, 60_000),
    spilled: pick(true, false),
  });
  const opened = openedRecord({
    id: uuidV7(arrivedAt, randomBytes(10)),
    arrivedAt,
    upstream: upstream.origin,
    simulated: false,
    keyId: pick(null, ...keys),
    sessionId: pick(null, HOSTILE),
    model: pick(null, 'claude-haiku-5-5', HOSTILE),
    tags: pick<Record<string, string>>(
      {},
      { team: HOSTILE, other: 'x' },
      { job: '', "o'brien\\": '\\N', constructor: 'x' },
    ),
    stream: pick(true, false),
    toleranceMs: pick(null, 0, 600_000),
    deadlineAt: pick(null, arrivedAt + 600_000),
    inputTokens: pick(null, i),
    maxTokens: pick(null, 1_024),
    lane: pick('sync', 'batch'),
    endpoint: pick('messages', 'messages', 'count_tokens'),
    facts,
  });
  const usage = pick<unknown>(
    null,
    { cache_read_input_tokens: 5, cache_creation: { ephemeral_1h_input_tokens: 2 } },
    { server_tool_use: { web_search_requests: 3 } },
    { cache_read_input_tokens: HOSTILE, cache_creation: 'x', server_tool_use: { web_search_requests: HOSTILE } },
  );
  return {
    opened,
    closed: closedRecord(opened, {
      state: pick('succeeded', 'failed', 'refused'),
      errorType: pick(null, 'timeout_error', HOSTILE),
      latencyMs: pick(null, Math.random() * 1e5),
      batchId: pick(null, 'msgbatch_1', 'msgbatch_2'),
      attempts: pick(
        [],
        [attemptRecord({ usage, costPico: pick(null, '9007199254740991'), delivered: pick(true, false) })],
      ),
    }),
  };
}

async function readAll(asked: FactsAsked, limit: number) {
  const pages = new BacktestPages(database.pools.analytics, { upstream, range }, asked);
  const rows: BacktestRow[] = [];
  for (;;) {
    const page = await pages.next(limit);
    for (const part of page.parts(3)) rows.push(...part);
    if (page.calls < limit) return rows;
  }
}

const decided = () =>
  log
    .filter(({ opened, closed }) => opened.endpoint === 'messages' && (closed.state !== 'refused' || opened.facts))
    .map(({ opened }) => opened.id);

test('every decided call once, in order, however long the pages are', async () => {
  expect(decided().length).toBeGreaterThan(100);
  for (const limit of [7, 1_000]) expect((await readAll(ALL, limit)).map(({ id }) => id)).toEqual(decided());
});

test('each is the call that the log holds, to the last digit', async () => {
  const { analytics, admin } = database.pools;
  const prices = await loadPriceBook(admin);
  const estimates = new KnownEstimates(analytics);
  const rows = await readAll(ALL, 50);
  await estimates.read(rows.map(({ alike }) => alike));
  let known = 0;
  for (const row of rows) {
    const call = toLoggedCall(row, row.alike, estimates, prices);
    const found = await findLoggedCall(analytics, row.id, prices);
    if (found === 'not_stored' || found === null) {
      expect([found, call]).toEqual(['not_stored', null]);
      continue;
    }
    known++;
    const { team, job, "o'brien\\": brien } = found.tags;
    const tags = Object.fromEntries(
      Object.entries({ team, job, "o'brien\\": brien }).filter(([, value]) => value !== undefined),
    );
    expect(call).toEqual({ ...found, tags });
  }
  expect(known).toBeGreaterThan(50);
});

test('and what came of it', async () => {
  const doneAt = new Map([['msgbatch_1', FROM + 5 * MINUTE]]);
  const rows = await database.pools.hot`
    select *, usage ->> 'cache_read_input_tokens' as read, usage -> 'cache_creation' ->> 'ephemeral_1h_input_tokens' as hour,
      usage -> 'server_tool_use' ->> 'web_search_requests' as searches
    from requests`;
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const row of await readAll(factsAsked(compilePolicy(SHIPPED_DOCUMENT, { version: 0, paused: false })), 100)) {
    const was = byId.get(row.id);
    const arrivedAt = log.find(({ opened }) => opened.id === row.id)?.opened.arrivedAt ?? 0;
    expect(outcomeOf(row, doneAt)).toEqual({
      lane: was?.spilled ? 'sync' : was?.lane,
      rule: was?.rule,
      because: was?.because,
      servedBy: was?.served_by,
      state: was?.state,
      timedOut: was?.error_type === 'timeout_error',
      cost: Number(was?.cost_pico),
      syncCost: Number(was?.sync_cost_pico),
      waste: Number(was?.waste_pico),
      unpriced: was?.unpriced,
      latencyMs: was?.latency_ms,
      deadlineMs: was?.deadline_at === null ? null : was?.deadline_at.getTime() - arrivedAt,
      cacheReadTokens: Number(was?.read) || 0,
      cachedForHour: Number(was?.hour) > 0,
      webSearches: Number(was?.searches) || 0,
      batchDoneMs: was?.batch_id === 'msgbatch_1' ? FROM + 5 * MINUTE - arrivedAt : null,
    });
  }
});

test('what a policy does not look at is not read', async () => {
  const document = {
    rules: [
      {
        id: 'r',
        name: '',
        enabled: true,
        when: { not: { field: 'tag.job', op: 'exists', value: true } },
        then: { lane: 'sync' },
      },
    ],
    default: { lane: 'batch' },
  } as PolicyDocument;
  const asked = factsAsked(compilePolicy(document, { version: 0, paused: false }));
  expect(asked).toEqual({
    tags: ['job'],
    headers: false,
    session: false,
    inputTokens: false,
    prefix: false,
    backlog: false,
    syncP95: false,
    spend: false,
  });
  const rows = await readAll(asked, 1_000);
  expect(
    rows.every(({ session_id, prefix, spend_today }) => session_id === null && prefix === null && spend_today === null),
  ).toBe(true);
  expect(new Set(rows.flatMap(({ alike }) => Object.keys(alike.tags)))).toEqual(new Set(['job']));
});
