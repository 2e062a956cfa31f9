import { expect } from 'vitest';
import type { Uuid } from '@/lib/core/ids';
import type { NewItem } from '@/lib/store/lane/lane-store';
import { hexOf, type LaneRig } from './lane-rig';

export interface Paid {
  batch: number;
  sync: number;
}

/** What upstream billed, and whether all of it is booked; `lost`: answers that died with their process. */
export async function expectBillBooked(rig: LaneRig, lost = 0): Promise<Paid> {
  const { entries, totals } = rig.simulator.ledger();
  const booked = await rig.database.pools.hot<{ key: string; cost: string }[]>`
    select key, cost_pico::text as cost from attempts where cost_pico > 0`;
  const costs = new Map(booked.map(({ key, cost }) => [key, cost]));
  const billed = entries.filter((entry) => entry.billed);
  const unbooked = billed.filter((entry) => {
    const key = entry.kind === 'batch' ? `${entry.batchId}/${entry.customId}` : (entry.messageId ?? '');
    const cost = costs.get(key);
    if (cost !== undefined) expect(cost).toBe(entry.costPicoUsd);
    return cost === undefined;
  });
  expect(unbooked.length).toBeLessThanOrEqual(lost);
  expect(unbooked.filter(({ kind }) => kind === 'batch')).toEqual([]);
  expect(costs.size).toBe(billed.length - unbooked.length);
  expect(totals.unbilled).toBeGreaterThanOrEqual(0);
  return { batch: billed.filter(({ kind }) => kind === 'batch').length, sync: billed.length - costsOf(billed) };
}

function costsOf(entries: readonly { kind: string }[]): number {
  return entries.filter(({ kind }) => kind === 'batch').length;
}

/** Every item has its own answer. */
export async function expectAllAnswered(rig: LaneRig, items: readonly NewItem[]): Promise<void> {
  const rows = await rig.database.pools.hot<{ id: Uuid; outcome: string }[]>`select id, outcome from items`;
  expect(rows.map(({ outcome }) => outcome)).toEqual(items.map(() => 'answered'));
  const answers = await Promise.all(items.map(({ id }) => rig.store.answerOf(id)));
  const isOwn = items.map(({ id }, i) => {
    const attempt = answers[i]?.attempt;
    return attempt?.lane === 'batch' ? attempt.key.endsWith(`-${hexOf(id)}`) : attempt?.key.startsWith('msg_');
  });
  expect(isOwn.filter((own) => !own)).toEqual([]);
}

/** No item is booked twice in one lane. */
export async function expectBookedOnce(rig: LaneRig): Promise<void> {
  const twice = await rig.database.pools.hot`
    select request_id, lane from attempts where cost_pico > 0 group by 1, 2 having count(*) > 1`;
  expect([...twice]).toEqual([]);
}

export function expectSentOnce(rig: LaneRig, items: readonly NewItem[]): void {
  expect(rig.sent().toSorted()).toEqual(items.map(({ id }) => hexOf(id)).toSorted());
}
