import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestId, type Uuid, uuidFloor } from '@/lib/core/ids';
import type { BatchState } from '@/lib/core/lane-states';
import type { ClosedRecord, OpenedRecord } from '@/lib/core/request-record';
import { writeBatch, writeItem } from '@/lib/testing/lane-rows';
import { attemptRecord, closedRecord, openedRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { type BatchFilter, findBatch, listBatches } from './batches';
import { Ingest } from './ingest';
import { upstreamNumber } from './upstreams';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const T0 = Date.UTC(2026, 10, 22, 12);
const iso = (ms: number) => new Date(ms).toISOString();
const upstream = { origin: 'https://api.test', simulated: false };
const everything: BatchFilter = {
  range: { from: new Date(T0 - 60 * MINUTE), to: new Date(T0 + 60 * MINUTE) },
  states: [],
  models: [],
};

let database: TestDatabase;
let ours = 0;
const batches = new Map<string, Uuid>();
const requests = new Map<string, OpenedRecord>();

async function call(name: string, atMs: number, over: Partial<OpenedRecord> = {}): Promise<OpenedRecord> {
  const opened = openedRecord({ arrivedAt: atMs, lane: 'batch', deadlineAt: atMs + 30 * MINUTE, ...over });
  requests.set(name, opened);
  return opened;
}

const log = (opened: OpenedRecord, over: Partial<ClosedRecord>) =>
  new Ingest(database.pools.hot).write([{ opened, closed: closedRecord(opened, over) }]);

/** A result line of a batch: 40 p$ in batch, 90 by sync, unless told otherwise. */
const result = (msgbatchId: string, over: Parameters<typeof attemptRecord>[0] = {}) =>
  attemptRecord({ key: `${msgbatchId}/x`, lane: 'batch', costPico: '40', syncCostPico: '90', ...over });

const byName = (rows: readonly { id: string }[]) =>
  rows.map(({ id }) => [...batches].find(([, known]) => known === id)?.[0]);

async function list(over: Partial<BatchFilter> = {}, page = { cursor: null as Uuid | null, limit: 50 }) {
  return listBatches(database.pools.analytics, { upstream, filter: { ...everything, ...over }, page });
}

beforeAll(async () => {
  database = await testDatabase();
  const sql = database.pools.hot;
  ours = await upstreamNumber(sql, upstream.origin, false);
  const other = await upstreamNumber(sql, 'http://simulator', true);
  const make = async (name: string, said: Omit<Parameters<typeof writeBatch>[1], 'upstreamId'>) => {
    const id = await writeBatch(sql, { upstreamId: ours, msgbatchId: `msgbatch_${name}`, ...said });
    batches.set(name, id);
    return id;
  };

  // Closed: one delivered, one escalated whose result came late, one without a price, one that failed upstream, one
  // fetched by nobody, one that nobody waited for (the log does not name its batch) and one whose answer waits.
  const closed = await make('closed', {
    createdAt: T0,
    state: 'closed',
    items: 7,
    postedAt: T0 + SECOND,
    upstreamCreatedAt: T0 + 2 * SECOND,
    endedAt: T0 + 5 * MINUTE + 2 * SECOND,
    seenEndedAt: T0 + 5 * MINUTE + 4 * SECOND,
    closedAt: T0 + 5 * MINUTE + 5 * SECOND,
    counts: { succeeded: 6, errored: 1, canceled: 0, expired: 0, processing: 0 },
  });
  const name = 'msgbatch_closed';
  const inBatch = { batchId: name, servedBy: 'batch' } as const;
  await log(await call('delivered', T0 - 9 * SECOND), { ...inBatch, latencyMs: 315_000, attempts: [result(name)] });
  await log(await call('escalated', T0 - 8 * SECOND), {
    batchId: name,
    servedBy: 'sync',
    attempts: [result(name, { costPico: '50', delivered: false }), attemptRecord({ costPico: '100' })],
  });
  await log(await call('unpriced', T0 - 7 * SECOND), { ...inBatch, attempts: [result(name, { costPico: null })] });
  const failed = result(name, { httpStatus: 500, usage: null, costPico: null, delivered: false });
  await log(await call('failed', T0 - 6 * SECOND), {
    batchId: name,
    state: 'failed',
    servedBy: 'sync',
    attempts: [failed, attemptRecord({ costPico: '100' })],
  });
  await log(await call('uncollected', T0 - 5 * SECOND), {
    batchId: name,
    state: 'aborted',
    servedBy: null,
    errorType: 'not_collected',
    attempts: [result(name, { costPico: '7', delivered: false })],
  });
  const dropped = await call('dropped', T0 - 4 * SECOND);
  await writeItem(sql, dropped, {
    upstreamId: ours,
    state: 'done',
    outcome: 'dropped',
    batchId: closed,
    answerBy: T0,
    outcomeAt: T0,
    closedAt: T0,
  });
  await log(dropped, {
    state: 'aborted',
    servedBy: null,
    errorType: 'dropped',
    attempts: [result(name, { costPico: '3', delivered: false })],
  });
  const ready = await call('ready', T0 - 3 * SECOND);
  await writeItem(sql, ready, {
    upstreamId: ours,
    state: 'done',
    outcome: 'answered',
    batchId: closed,
    answerBy: T0 + 30 * MINUTE,
    outcomeAt: T0 + 5 * MINUTE,
  });

  // Open: one item waits, one is being answered by sync, one has its outcome.
  const open = await make('open', {
    createdAt: T0 + MINUTE,
    items: 3,
    credential: 'own:abcdef',
    model: 'claude-opus-5-5',
  });
  const opus = { model: 'claude-opus-5-5' };
  await writeItem(sql, await call('batched', T0 + 30 * SECOND, opus), {
    upstreamId: ours,
    state: 'batched',
    batchId: open,
    answerBy: T0 + 40 * MINUTE,
    escalateAt: T0 + 39 * MINUTE,
  });
  await writeItem(sql, await call('escalating', T0 + 31 * SECOND, opus), {
    upstreamId: ours,
    state: 'escalating',
    batchId: open,
    answerBy: T0 + 20 * MINUTE,
    escalateAt: T0 + 19 * MINUTE,
  });

  await make('void', { createdAt: T0 + 2 * MINUTE, state: 'void' });
  await sql`update batches set msgbatch_id = null where state = 'void'`;
  await make('old', { createdAt: T0 - 50 * MINUTE, state: 'closed', model: '100%_odd' });
  await writeBatch(sql, { createdAt: T0, upstreamId: other, msgbatchId: 'msgbatch_elsewhere' });

  for (const [index, group] of ['north', 'north', 'south'].entries()) {
    await writeItem(sql, await call(`queued-${index}`, T0 + index * SECOND), {
      upstreamId: ours,
      state: 'queued',
      group: `${group}-of-a-digest`,
      answerBy: T0 + (10 - index) * MINUTE,
      bytes: 100 + index,
    });
  }
  await writeItem(sql, openedRecord({ arrivedAt: T0 - MINUTE, simulated: true }), {
    upstreamId: other,
    state: 'queued',
    answerBy: T0,
  });
});
afterAll(() => database.drop());

describe('the list', () => {
  test('is newest first and of this upstream', async () => {
    expect(byName((await list()).rows)).toEqual(['void', 'open', 'closed', 'old']);
  });

  test.each<[string, Partial<BatchFilter>, string[]]>([
    ['state', { states: ['open', 'void'] satisfies BatchState[] }, ['void', 'open']],
    ['model', { models: ['claude-opus-5-5'] }, ['open']],
    ['model by prefix', { models: ['claude-*'] }, ['void', 'open', 'closed']],
    ['a literal percent sign in a prefix', { models: ['100%_*'] }, ['old']],
    [
      'range, from inclusive and to exclusive',
      { range: { from: new Date(T0), to: new Date(T0 + MINUTE) } },
      ['closed'],
    ],
  ])('is filtered by %s', async (_, filter, expected) => {
    expect(byName((await list(filter)).rows)).toEqual(expected);
  });

  test('is paged by the last id', async () => {
    const first = await list({}, { cursor: null, limit: 3 });
    expect(byName(first.rows)).toEqual(['void', 'open', 'closed']);
    const second = await list({}, { cursor: first.nextCursor as Uuid, limit: 3 });
    expect(byName(second.rows)).toEqual(['old']);
    expect(second.nextCursor).toBeNull();
    expect((await list({}, { cursor: uuidFloor(T0 - 50 * MINUTE), limit: 3 })).rows).toEqual([]);
  });

  test('a closed batch has its times, its counts and the money of its own results', async () => {
    const row = (await list({ states: ['closed'] })).rows[0];
    // Cost: 40 + 50 + 7 + 3; the failed result and the one without a price cost nothing that is known. Sync: 90.
    expect(row).toEqual({
      id: batches.get('closed'),
      msgbatchId: 'msgbatch_closed',
      state: 'closed',
      model: 'claude-sonnet-5-5',
      sizeClass: 'small',
      credential: 'default',
      items: 7,
      bytes: 1_000,
      createdAt: iso(T0),
      postedAt: iso(T0 + SECOND),
      upstreamCreatedAt: iso(T0 + 2 * SECOND),
      endedAt: iso(T0 + 5 * MINUTE + 2 * SECOND),
      seenEndedAt: iso(T0 + 5 * MINUTE + 4 * SECOND),
      closedAt: iso(T0 + 5 * MINUTE + 5 * SECOND),
      turnaroundMs: 300_000,
      counts: { succeeded: 6, errored: 1, canceled: 0, expired: 0, processing: 0 },
      cancelRequestedAt: null,
      error: null,
      earliestDeadlineAt: null,
      waiting: 0,
      delivered: 2,
      escalated: 2,
      late: 2,
      unpriced: 1,
      costUsd: '0.0000000001',
      syncCostUsd: '0.00000000009',
      savedUsd: '-0.00000000001',
      wasteUsd: '0.00000000006',
    });
  });

  test('an open batch tells what waits in it, until when, and nothing of money', async () => {
    const row = (await list({ states: ['open'] })).rows[0];
    expect(row).toMatchObject({
      state: 'open',
      credential: 'own',
      waiting: 2,
      escalated: 1,
      delivered: 0,
      earliestDeadlineAt: iso(T0 + 20 * MINUTE),
      turnaroundMs: null,
      costUsd: null,
      savedUsd: null,
    });
  });

  test('comes with what waits now, whatever the filters', async () => {
    const { queue } = await list({ states: ['void'], models: ['nothing'] });
    expect(queue).toEqual({
      queued: 3,
      batched: 1,
      escalating: 1,
      oldestAt: iso(T0),
      earliestDeadlineAt: iso(T0 + 8 * MINUTE),
      models: [
        {
          model: 'claude-sonnet-5-5',
          queued: 3,
          batched: 0,
          escalating: 0,
          oldestAt: iso(T0),
          earliestDeadlineAt: iso(T0 + 8 * MINUTE),
        },
        {
          model: 'claude-opus-5-5',
          queued: 0,
          batched: 1,
          escalating: 1,
          oldestAt: iso(T0 + 30 * SECOND),
          earliestDeadlineAt: iso(T0 + 20 * MINUTE),
        },
      ],
      groups: [
        {
          group: 'south-of-a-d',
          model: 'claude-sonnet-5-5',
          sizeClass: 'small',
          credential: 'default',
          items: 1,
          bytes: 102,
          oldestAt: iso(T0 + 2 * SECOND),
          earliestDeadlineAt: iso(T0 + 8 * MINUTE),
          windowEndsAt: iso(T0 + 7 * SECOND),
        },
        {
          group: 'north-of-a-d',
          model: 'claude-sonnet-5-5',
          sizeClass: 'small',
          credential: 'default',
          items: 2,
          bytes: 201,
          oldestAt: iso(T0),
          earliestDeadlineAt: iso(T0 + 9 * MINUTE),
          windowEndsAt: iso(T0 + 5 * SECOND),
        },
      ],
    });
  });
});

describe('one batch', () => {
  const find = (id: { own: Uuid } | { msgbatch: string }, scope = upstream) =>
    findBatch(database.pools.analytics, scope, id, new Date(T0 + 2 * MINUTE));

  test('is found by either id, in its own upstream alone', async () => {
    const own = batches.get('closed') as Uuid;
    expect((await find({ own }))?.batch.msgbatchId).toBe('msgbatch_closed');
    expect((await find({ msgbatch: 'msgbatch_closed' }))?.batch.id).toBe(own);
    expect(await find({ own }, { origin: 'https://other.test', simulated: false })).toBeNull();
    expect(await find({ msgbatch: 'msgbatch_elsewhere' })).toBeNull();
    expect(await find({ msgbatch: 'msgbatch_none' })).toBeNull();
  });

  test('lists its items once each, from the lane or from the log', async () => {
    const { items, itemCount } = (await find({ msgbatch: 'msgbatch_closed' })) ?? { items: [] };
    const names = new Map([...requests].map(([name, { id }]) => [requestId(id) as string, name]));
    expect(itemCount).toBe(7);
    expect(items.map((item) => [names.get(item.requestId), item.state, item.outcome, item.requestState])).toEqual([
      ['delivered', 'done', 'answered', 'succeeded'],
      ['escalated', 'done', 'answered', 'succeeded'],
      ['unpriced', 'done', 'answered', 'succeeded'],
      ['failed', 'done', 'failed', 'failed'],
      ['uncollected', 'done', 'dropped', 'aborted'],
      ['dropped', 'done', 'dropped', 'aborted'],
      ['ready', 'done', 'answered', 'waiting'],
    ]);
    expect(items.map(({ waitingMs }) => waitingMs)).toEqual([315_000, 1_000, 1_000, 1_000, 1_000, 4_000, 303_000]);
    expect(items[1]).toMatchObject({ servedBy: 'sync', arrivedAt: iso(T0 - 8 * SECOND), escalateAt: null });
  });

  test('its waiting items tell how long they have waited and when sync takes over', async () => {
    const detail = await find({ own: batches.get('open') as Uuid });
    expect(detail?.items).toMatchObject([
      {
        state: 'batched',
        requestState: 'waiting',
        waitingMs: 90_000,
        escalateAt: iso(T0 + 39 * MINUTE),
        answerBy: iso(T0 + 40 * MINUTE),
      },
      { state: 'escalating', requestState: 'running', waitingMs: 89_000 },
    ]);
  });

  test('one that does not exist upstream has no items', async () => {
    const detail = await find({ own: batches.get('void') as Uuid });
    expect(detail).toMatchObject({ items: [], itemCount: 0, batch: { costUsd: null, msgbatchId: null } });
  });
});
