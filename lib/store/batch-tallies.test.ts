import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Uuid } from '@/lib/core/ids';
import type { ClosedRecord } from '@/lib/core/request-record';
import { writeBatch, writeItem } from '@/lib/testing/lane-rows';
import { attemptRecord, closedRecord, openedRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { findBatch, listBatches } from './batches';
import { Ingest } from './ingest';
import { purge } from './lane/housekeeping';
import { upstreamNumber } from './upstreams';

const MINUTE = 60_000;
const NOW = Date.now();
const T0 = NOW - 30 * MINUTE;
const upstream = { origin: 'https://api.test', simulated: false };
let database: TestDatabase;
let ours = 0;
beforeAll(async () => {
  database = await testDatabase();
  ours = await upstreamNumber(database.pools.hot, upstream.origin, false);
});
afterAll(() => database?.drop());

async function batch(name: string): Promise<Uuid> {
  const times = { createdAt: T0, upstreamCreatedAt: T0, endedAt: T0 + MINUTE, closedAt: T0 + MINUTE };
  return writeBatch(database.pools.hot, { upstreamId: ours, msgbatchId: name, state: 'closed', items: 2, ...times });
}

/** An item that is over; `closedAt`: when it was logged, `null`: not yet. */
async function item(batchId: Uuid, over: Partial<ClosedRecord>, closedAt: number | null): Promise<void> {
  const sql = database.pools.hot;
  const opened = openedRecord({ arrivedAt: T0 - MINUTE, lane: 'batch' });
  const outcome = over.state === 'aborted' ? 'dropped' : 'answered';
  await writeItem(sql, opened, { upstreamId: ours, state: 'done', outcome, batchId, answerBy: NOW, outcomeAt: T0 });
  if (closedAt === null) return;
  await new Ingest(sql).write([{ opened, closed: closedRecord(opened, over) }]);
  await sql`update items set closed_at = ${new Date(closedAt)} where id = ${opened.id}`;
}

const result = (name: string, delivered: boolean) =>
  attemptRecord({ key: `${name}/n-${delivered}`, lane: 'batch', costPico: '40', syncCostPico: '90', delivered });

async function row(id: Uuid) {
  const range = { from: new Date(T0 - MINUTE), to: new Date(T0 + MINUTE) };
  const filter = { range, states: [], models: [] };
  const { rows } = await listBatches(database.pools.analytics, { upstream, filter, page: { cursor: null, limit: 50 } });
  return rows.find((one) => one.id === id);
}

it('what became of a batch stays when its items go, and when the log goes', async () => {
  const sql = database.pools.hot;
  const name = 'msgbatch_over';
  const id = await batch(name);
  const delivered = { batchId: name, servedBy: 'batch', attempts: [result(name, true)] } as const;
  // Nobody waited for it any more: the log does not name its batch.
  const dropped = { state: 'aborted', servedBy: null, errorType: 'dropped', attempts: [result(name, false)] } as const;
  await item(id, delivered, T0 + 2 * MINUTE);
  await item(id, dropped, T0 + 2 * MINUTE);
  const before = await row(id);
  expect(before).toMatchObject({ delivered: 1, late: 1, costUsd: '0.00000000008', wasteUsd: '0.00000000004' });

  await purge(sql, T0 + 10 * MINUTE);
  expect(await sql`select 1 from items where batch_id = ${id}`).toHaveLength(0);
  expect(await row(id)).toEqual(before);
  const detail = await findBatch(database.pools.analytics, upstream, { own: id }, new Date(NOW));
  expect(detail?.itemCount).toBe(2);
  expect(detail?.batch).toEqual(before);

  await sql`truncate requests, attempts`;
  expect(await row(id)).toEqual(before);
});

it('is counted anew as long as one item is not over', async () => {
  const sql = database.pools.hot;
  const name = 'msgbatch_waited_for';
  const id = await batch(name);
  await item(id, { batchId: name, servedBy: 'batch', attempts: [result(name, true)] }, T0 + 2 * MINUTE);
  await item(id, {}, null);
  await purge(sql, T0 + 10 * MINUTE);
  const [stored] = await sql<{ tally: unknown }[]>`select tally from batches where id = ${id}`;
  expect(stored?.tally).toBeNull();
  expect(await sql`select 1 from items where batch_id = ${id}`).toHaveLength(2);
  expect(await row(id)).toMatchObject({ delivered: 1 });
});
