import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestRow } from '@/lib/contract/requests';
import { requestId, type Uuid } from '@/lib/core/ids';
import type { OpenedRecord } from '@/lib/core/request-record';
import { writeBatch, writeItem } from '@/lib/testing/lane-rows';
import { PLAIN_KEY } from '@/lib/testing/plain-key';
import { attemptRecord, closedRecord, openedRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { Ingest } from './ingest';
import { createKey } from './keys';
import type { RequestFilter } from './request-filter';
import { parseSearch } from './request-search';
import { findRequest, firstRequestAt, listRequests } from './requests';
import { upstreamNumber } from './upstreams';

const T0 = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;
const SESSION = '7f9c2ba4-e88f-4f0b-9d4b-0d2f6d3a1c55';
const iso = (ms: number) => new Date(ms).toISOString();
const upstream = { origin: 'https://api.test', simulated: false };
const all: RequestFilter = {
  range: { from: new Date(T0 - 60 * MINUTE), to: new Date(T0 + 60 * MINUTE) },
  models: [],
  lanes: [],
  rules: [],
  keys: [],
  tags: [],
  states: [],
  served: [],
  errors: [],
  endpoints: [],
  search: null,
};

let database: TestDatabase;
const made = new Map<string, OpenedRecord>();
let batchId: Uuid;

function opened(name: string, minute: number, over: Partial<OpenedRecord> = {}): OpenedRecord {
  const record = openedRecord({ arrivedAt: T0 + minute * MINUTE, lane: 'batch', ...over });
  made.set(name, record);
  return record;
}

async function list(
  over: Partial<RequestFilter> = {},
  open: OpenedRecord[] = [],
  page?: { cursor: Uuid | null; limit: number },
) {
  return listRequests(database.pools.analytics, {
    upstream,
    filter: { ...all, ...over },
    open,
    page: page ?? { cursor: null, limit: 50 },
  });
}

function nameOf({ id }: Pick<RequestRow, 'id'>): string {
  return [...made].find(([, record]) => requestId(record.id) === id)?.[0] ?? id;
}

const names = async (over: Partial<RequestFilter>, open?: OpenedRecord[]) => (await list(over, open)).rows.map(nameOf);

beforeAll(async () => {
  database = await testDatabase();
  const sql = database.pools.hot;
  const upstreamId = await upstreamNumber(sql, upstream.origin, false);
  const elsewhere = await upstreamNumber(sql, 'http://simulator', true);
  const key = await createKey(database.pools.admin, {
    ...PLAIN_KEY,
    name: 'nightly_job',
    secretHmac: 'hmac',
    prefix: 'opk_abcd',
    last4: 'wxyz',
    createdBy: 'admin',
  });
  if (key === 'name_taken') throw new Error('unexpected');
  batchId = await writeBatch(sql, {
    createdAt: T0 + 2 * MINUTE,
    upstreamId,
    msgbatchId: 'msgbatch_A',
    postedAt: T0 + 2 * MINUTE + 10,
    upstreamCreatedAt: T0 + 2 * MINUTE + 20,
  });
  const base = { upstreamId, answerBy: T0 + 50 * MINUTE };
  await writeItem(
    sql,
    opened('queued', 0, {
      keyId: key.id as Uuid,
      tags: { team: 'search' },
      deadlineAt: T0 + 49 * MINUTE,
      sessionId: SESSION,
      rule: 'night-batch',
      toleranceMs: 3_000_000_000,
    }),
    { ...base, state: 'queued', escalateAt: T0 + 45 * MINUTE },
  );
  await writeItem(sql, opened('batched', 1, { model: 'claude-opus-5-5' }), { ...base, state: 'batched', batchId });
  await writeItem(sql, opened('escalating', 2), { ...base, state: 'escalating', batchId });
  await writeItem(sql, opened('unfetched', 3), { ...base, state: 'done', outcome: 'answered', batchId });
  await writeItem(sql, opened('elsewhere', 4, { upstream: 'http://simulator', simulated: true }), {
    ...base,
    upstreamId: elsewhere,
    state: 'queued',
  });
  await writeItem(sql, opened('just-logged', 5), { ...base, state: 'done', outcome: 'answered', batchId });
  await writeItem(sql, opened('spilled', 6, { lane: 'sync' }), { ...base, state: 'queued' });
  const logged = opened('just-logged', 5, made.get('just-logged'));
  await new Ingest(sql).write([
    {
      opened: logged,
      closed: closedRecord(logged, {
        servedBy: 'batch',
        batchId: 'msgbatch_A',
        latencyMs: 90_000,
        attempts: [attemptRecord({ key: 'msgbatch_A/x', lane: 'batch', messageId: 'msg_L' })],
      }),
    },
    { opened: opened('sync', 7, { lane: 'sync' }), closed: closedRecord(made.get('sync') as OpenedRecord) },
  ]);
});
afterAll(() => database.drop());

test('waiting calls stand between the log’s rows, each once', async () => {
  expect(await names({})).toEqual(['sync', 'spilled', 'just-logged', 'unfetched', 'escalating', 'batched', 'queued']);
});

test('a waiting call tells its lane, batch and deadline, and no money', async () => {
  const rows = new Map((await list()).rows.map((row) => [nameOf(row), row]));
  expect(rows.get('queued')).toMatchObject({
    state: 'waiting',
    lane: 'batch',
    key: 'nightly_job',
    tags: { team: 'search' },
    rule: 'night-batch',
    batchId: null,
    deadlineAt: iso(T0 + 49 * MINUTE),
    costUsd: null,
    syncCostUsd: null,
    latencyMs: null,
    simulated: false,
  });
  expect(rows.get('batched')).toMatchObject({
    state: 'waiting',
    batchId: 'msgbatch_A',
    deadlineAt: iso(T0 + 50 * MINUTE),
  });
  expect(rows.get('escalating')).toMatchObject({ state: 'running', lane: 'batch' });
  expect(rows.get('unfetched')).toMatchObject({ state: 'waiting', costUsd: null });
  expect(rows.get('spilled')).toMatchObject({ state: 'waiting', lane: 'batch' });
  expect(rows.get('just-logged')).toMatchObject({ state: 'succeeded', batchId: 'msgbatch_A', latencyMs: 90_000 });
});

test.each<[string, Partial<RequestFilter>, string[]]>([
  ['waiting', { states: ['waiting'] }, ['spilled', 'unfetched', 'batched', 'queued']],
  ['running', { states: ['running'] }, ['escalating']],
  ['waiting or failed', { states: ['waiting', 'failed'] }, ['spilled', 'unfetched', 'batched', 'queued']],
  ['lane', { lanes: ['sync'] }, ['sync']],
  ['model', { models: ['claude-opus*'] }, ['batched']],
  ['key', { keys: ['nightly*'] }, ['queued']],
  ['tag', { tags: ['team=search'] }, ['queued']],
  ['rule', { rules: ['night-batch'] }, ['queued']],
  ['another endpoint', { endpoints: ['models'] }, []],
  ['range', { range: { from: new Date(T0 + MINUTE), to: new Date(T0 + 3 * MINUTE) } }, ['escalating', 'batched']],
  ['batch id', { search: parseSearch('msgbatch_A') }, ['just-logged', 'unfetched', 'escalating', 'batched']],
  ['session', { search: parseSearch(SESSION) }, ['queued']],
  ['start of a rule', { search: parseSearch('NIGHT') }, ['queued']],
  ['start of a key', { search: parseSearch('nightly_') }, ['queued']],
  ['message id', { search: parseSearch('msg_L') }, ['just-logged']],
  ['upstream request id', { search: parseSearch('req_none') }, []],
])('filter: %s', async (_, filter, expected) => {
  expect(await names(filter)).toEqual(expected);
});

test('its own id finds it whatever the range', async () => {
  const id = requestId((made.get('queued') as OpenedRecord).id);
  const range = { from: new Date(0), to: new Date(1) };
  expect(await names({ range, search: parseSearch(id) })).toEqual(['queued']);
});

test('pages of two hold everything once', async () => {
  const seen: string[] = [];
  let cursor: Uuid | null = null;
  do {
    const page = await list({}, [], { cursor, limit: 2 });
    seen.push(...page.rows.map(nameOf));
    cursor = page.nextCursor === null ? null : (page.nextCursor.slice(4) as Uuid);
  } while (cursor);
  expect(seen).toEqual(await names({}));
});

test('a call that sync spilled is the lane’s to tell of, though its process still has it open', async () => {
  const open = [made.get('spilled') as OpenedRecord];
  expect(await names({ states: ['running'] }, open)).toEqual(['escalating']);
  expect((await names({}, open)).filter((name) => name === 'spilled')).toHaveLength(1);
});

describe('one request', () => {
  const find = (name: string) => findRequest(database.pools.analytics, (made.get(name) as OpenedRecord).id, []);

  test('that waits comes with its place in the lane and its batch', async () => {
    expect(await find('queued')).toMatchObject({
      request: { state: 'waiting' },
      facts: { toleranceMs: 3_000_000_000, maxTokens: 100 },
      attempts: [],
      item: { state: 'queued', windowEndsAt: iso(T0 + 5_000), escalateAt: iso(T0 + 45 * MINUTE), outcomeAt: null },
      batch: null,
    });
    expect(await find('batched')).toMatchObject({
      item: { state: 'batched', answerBy: iso(T0 + 50 * MINUTE) },
      batch: {
        id: batchId,
        msgbatchId: 'msgbatch_A',
        state: 'open',
        postedAt: iso(T0 + 2 * MINUTE + 10),
        endedAt: null,
      },
    });
  });

  test('that is logged keeps its batch when its item is gone', async () => {
    expect(await find('just-logged')).toMatchObject({ item: { state: 'done' }, batch: { id: batchId } });
    await database.pools.hot`delete from items where id = ${(made.get('just-logged') as OpenedRecord).id}`;
    expect(await find('just-logged')).toMatchObject({
      request: { state: 'succeeded' },
      attempts: [{ key: 'msgbatch_A/x' }],
      item: null,
      batch: { id: batchId },
    });
    expect(await find('sync')).toMatchObject({ item: null, batch: null });
  });
});

test('the first request may be one that waits', async () => {
  expect(await firstRequestAt(database.pools.analytics, upstream)).toEqual(new Date(T0));
});
