import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Uuid } from '@/lib/core/ids';
import type { OpenedRecord } from '@/lib/core/request-record';
import { Ingest } from '@/lib/store/ingest';
import { upstreamNumber } from '@/lib/store/upstreams';
import { writeBatch, writeItem } from '@/lib/testing/lane-rows';
import { attemptRecord, closedRecord, openedRecord } from '@/lib/testing/records';
import { type AdminProcess, adminProcess } from './admin-process';

const MINUTE = 60_000;
let admin: AdminProcess;
let now = 0;
let waiting: OpenedRecord;
const ids: Uuid[] = [];

beforeAll(async () => {
  admin = await adminProcess();
  now = Date.now();
  const { hot } = admin.deps.pools;
  const upstreamId = await upstreamNumber(hot, 'https://api.test', false);
  for (let i = 0; i < 5; i++) {
    const createdAt = now - (20 - i) * MINUTE;
    const closed = { state: 'closed', upstreamCreatedAt: createdAt, endedAt: createdAt + MINUTE } as const;
    const last = { state: 'open' } as const;
    const model = i % 2 ? 'claude-a' : 'claude-b';
    const msgbatchId = `msgbatch_${i}`;
    ids.unshift(await writeBatch(hot, { createdAt, upstreamId, msgbatchId, model, ...(i < 4 ? closed : last) }));
  }
  waiting = openedRecord({ arrivedAt: now - 17 * MINUTE, lane: 'batch', model: 'claude-b' });
  await writeItem(hot, waiting, {
    upstreamId,
    state: 'batched',
    batchId: ids[0] ?? null,
    answerBy: now + 10 * MINUTE,
    escalateAt: now + 9 * MINUTE,
  });
  const done = openedRecord({ arrivedAt: now - 18 * MINUTE, lane: 'batch', model: 'claude-a' });
  const attempts = [
    attemptRecord({ key: 'msgbatch_3/x', lane: 'batch', costPico: '5000000', syncCostPico: '10000000' }),
  ];
  const closed = closedRecord(done, { servedBy: 'batch', batchId: 'msgbatch_3', attempts });
  await new Ingest(hot).write([{ opened: done, closed }]);
});
afterAll(() => admin.stop());

const get = (path: string) => admin.call('GET', path, { token: admin.tokens.viewer });

test('batches are paged by cursors, newest first', async () => {
  const seen: string[] = [];
  let cursor = '';
  do {
    const { json } = await get(`/api/batches?limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...json.rows.map((row: { id: string }) => row.id));
    cursor = json.nextCursor ?? '';
  } while (cursor);
  expect(seen).toEqual(ids);
});

test('filters repeat, and what waits now comes along', async () => {
  const { json } = await get('/api/batches?state=open&state=void&model=claude-*');
  expect(json.rows).toMatchObject([
    {
      msgbatchId: 'msgbatch_4',
      state: 'open',
      waiting: 1,
      earliestDeadlineAt: new Date(now + 10 * MINUTE).toISOString(),
      costUsd: null,
    },
  ]);
  expect(json.queue).toMatchObject({ queued: 0, batched: 1, escalating: 0, groups: [] });
  expect((await get('/api/batches?model=claude-a')).json.rows).toHaveLength(2);
  expect((await get('/api/batches?from=now-18m')).json.rows.length).toBeLessThan(5);
});

test('a batch is found by either id, with its money and its items', async () => {
  const byOurs = await get(`/api/batches/${ids[1]}`);
  expect(byOurs.json.batch).toMatchObject({
    msgbatchId: 'msgbatch_3',
    turnaroundMs: MINUTE,
    delivered: 1,
    costUsd: '0.000005',
    syncCostUsd: '0.00001',
    savedUsd: '0.000005',
    wasteUsd: '0',
  });
  expect(byOurs.json).toMatchObject({
    itemCount: 1,
    items: [{ state: 'done', outcome: 'answered', servedBy: 'batch', requestState: 'succeeded', waitingMs: 1_000 }],
  });
  expect((await get('/api/batches/msgbatch_3')).json).toEqual(byOurs.json);
  expect((await get(`/api/batches/${(ids[1] ?? '').toUpperCase()}`)).json.batch.id).toBe(ids[1]);
});

test('a call in the batch lane is listed and found as a request, by its batch too', async () => {
  const id = `opr_${waiting.id}`;
  expect((await get('/api/requests?status=waiting')).json.rows).toMatchObject([
    { id, lane: 'batch', batchId: 'msgbatch_4', deadlineAt: new Date(now + 10 * MINUTE).toISOString(), costUsd: null },
  ]);
  expect((await get('/api/requests?q=msgbatch_4')).json.rows).toMatchObject([{ id }]);
  expect((await get('/api/requests?q=msgbatch_3')).json.rows).toMatchObject([{ state: 'succeeded' }]);
  const { json } = await get(`/api/requests/${id}`);
  expect(json).toMatchObject({
    request: { state: 'waiting' },
    item: { state: 'batched', escalateAt: new Date(now + 9 * MINUTE).toISOString() },
    batch: { id: ids[0], msgbatchId: 'msgbatch_4' },
    bodies: null,
  });
});

describe('what is wrong is named', () => {
  test.each([
    ['/api/batches?colour=red', 'colour'],
    ['/api/batches?state=lost', 'state'],
    ['/api/batches?limit=501', 'limit'],
    ['/api/batches?limit=0', 'limit'],
    ['/api/batches?cursor=nonsense', 'cursor'],
    ['/api/batches?cursor=a&cursor=b', 'cursor'],
    ['/api/batches?from=now&to=now-1h', 'from'],
    ['/api/batches?tz=Mars/Olympus', 'tz'],
    ['/api/batches?model=a%00b', 'model'],
  ])('%s', async (path, name) => {
    const answer = await get(path);
    expect([answer.status, answer.json.error.type]).toEqual([400, 'invalid_request_error']);
    expect(answer.json.error.message).toContain(name);
  });

  test.each([
    'msgbatch_none',
    'msgbatch_',
    "'",
    '%00',
    '00000000-0000-7000-8000-000000000000',
    '__proto__',
    '%E2%80%AE',
  ])('no batch %s', async (id) => {
    const answer = await get(`/api/batches/${id}`);
    expect([answer.status, answer.json.error.type]).toEqual([404, 'not_found_error']);
  });
});
