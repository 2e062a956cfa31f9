import { expect } from 'vitest';
import { waitFor } from '@/e2e/process/wait-for';
import type { RequestRow } from '@/lib/contract/requests';
import { parseUsd } from '@/lib/core/money';
import { billByCall, type CallBill, sumPicoUsd } from './fleet-bill';
import type { FleetCall } from './fleet-traffic';
import type { ReplicaSet } from './replica-set';

const NOTHING: CallBill = { sync: [], batch: [], items: 0 };

/**
 * Every caller has its own answer; upstream's ledger has each item of the batch lane once, and each synchronous try at
 * most once; the log has every call once and what it cost to the picodollar.
 * @param escalated whether callers may have been answered by sync while their batch ran: those that had bytes already
 * when their process was stopped. They are paid for twice then, and the log says so.
 */
export async function expectNothingLost(
  set: ReplicaSet,
  calls: readonly FleetCall[],
  escalated = false,
): Promise<void> {
  expect(calls.filter(({ error }) => error !== null)).toEqual([]);
  const bills = billByCall(set.simulator);
  const billOf = ({ call }: FleetCall) => bills.get(call) ?? NOTHING;

  const isOwn = (one: FleetCall) => {
    const { batch, sync } = billOf(one);
    return (one.canWait ? [...batch, ...(escalated ? sync : [])] : sync).some(
      ({ messageId }) => messageId === one.messageId,
    );
  };
  expect(calls.filter((one) => !isOwn(one))).toEqual([]);
  const batched = calls.filter(({ canWait }) => canWait);
  const paid = batched.map((one) => ({ call: one.call, ...countsOf(billOf(one)) }));
  const most = escalated ? 1 : 0;
  expect(paid.filter(({ items, batch, sync }) => items !== 1 || batch !== 1 || sync > most)).toEqual([]);

  await waitFor('every replica to have shipped its log', async () => {
    const open = await Promise.all(set.replicas.map(({ api }) => api.status()));
    return open.every(({ spool }) => spool.pending === 0);
  });
  const byCall = await waitFor('every call in the log', async () => {
    const rows = rowsByCall(await set.api.requests());
    return calls.every(({ call }) => rows.get(call)?.some(({ state }) => state === 'succeeded')) && rows;
  });
  const rowsOf = ({ call }: FleetCall) => byCall.get(call) ?? [];
  const succeeded = (one: FleetCall) => rowsOf(one).filter(({ state }) => state === 'succeeded');
  // A process may die between the last word of the log and the last byte: then a synchronous call is asked and paid again.
  expect(calls.filter((one) => succeeded(one).length !== 1 && (one.canWait || succeeded(one).length === 0))).toEqual(
    [],
  );
  expect(batched.filter((one) => rowsOf(one).length !== 1)).toEqual([]);
  const isWasted = (one: FleetCall) => (parseUsd(rowsOf(one)[0]?.wasteUsd ?? '') ?? 0n) > 0n;
  expect(batched.filter((one) => isWasted(one) !== billOf(one).sync.length > 0)).toEqual([]);
  // A synchronous try that a dead process had under way is interrupted in the log, without what it cost: its caller made
  // another one.
  const wrong = calls.filter((one) => {
    const { sync, batch } = billOf(one);
    const rows = rowsOf(one);
    const known = sync.filter(({ requestId }) => rows.some((row) => row.upstreamRequestId === requestId));
    const interrupted = rows.filter(({ state }) => state === 'interrupted').length;
    return sync.length - known.length > interrupted || sumOf(rows) !== sumPicoUsd([...known, ...batch]);
  });
  expect(wrong).toEqual([]);
}

function sumOf(rows: readonly RequestRow[]): bigint {
  return rows.reduce((sum, { costUsd }) => sum + (parseUsd(costUsd ?? '') ?? 0n), 0n);
}

const countsOf = ({ items, batch, sync }: CallBill) => ({ items, batch: batch.length, sync: sync.length });

function rowsByCall(rows: readonly RequestRow[]): Map<number, RequestRow[]> {
  const byCall = new Map<number, RequestRow[]>();
  for (const row of rows) {
    const call = Number(row.tags.call);
    byCall.set(call, [...(byCall.get(call) ?? []), row]);
  }
  return byCall;
}
