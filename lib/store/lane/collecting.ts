import type { Sql, TransactionSql } from 'postgres';
import { type Uuid, uuidTime } from '@/lib/core/ids';
import type { ItemState } from '@/lib/core/lane-states';
import type { OpenedRecord } from '@/lib/core/request-record';
import { type BookedAttempt, bookAttempts, refreshSums } from '@/lib/store/attempts';
import { type BatchRow, batchColumns, toBatch } from './batch-row';
import { otherHolders, tellOutcomes } from './hints';
import type { Batch, BatchItem, SettleCount, SettledLine } from './lane-store';
import { type Seal, sealAnswer } from './sealed';

export async function claimEnded(
  sql: Sql,
  upstreamId: number,
  claim: { owner: string; leaseUntil: number; now: number },
): Promise<Batch | null> {
  const at = new Date(claim.now);
  const [row] = await sql<BatchRow[]>`
    update batches b set lease_owner = ${claim.owner}, lease_epoch = lease_epoch + 1,
      lease_until = ${new Date(claim.leaseUntil)}
    where id = (
      select id from batches
      where upstream_id = ${upstreamId} and state = 'ended' and (lease_until is null or lease_until <= ${at})
        and (collect_after is null or collect_after <= ${at})
      order by seen_ended_at limit 1 for update skip locked)
    returning ${batchColumns(sql)}`;
  return row ? toBatch(row) : null;
}

export async function itemsOf(sql: Sql, batchId: Uuid): Promise<Map<string, BatchItem>> {
  const rows = await sql<
    { id: Uuid; custom_id: string; model: string; arrived_at: Date; warm: number | null; whole: number | null }[]
  >`
    select id, custom_id, model, arrived_at, (opened ->> 'warmPrefixTokens')::int as warm,
      (opened ->> 'prefixTokens')::int as whole
    from items where batch_id = ${batchId}`;
  return new Map(
    rows.map((row) => [
      row.custom_id,
      {
        id: row.id,
        customId: row.custom_id,
        model: row.model,
        arrivedAt: row.arrived_at.getTime(),
        ...(row.warm !== null && { warmPrefix: { tokens: row.warm, of: row.whole ?? row.warm } }),
      },
    ]),
  );
}

/**
 * Takes result lines over, in one transaction. The first outcome of an item wins; a result that comes after it is
 * booked as an attempt that was never delivered. Doing it again changes nothing.
 */
export async function settleLines(
  sql: Sql,
  seal: Seal,
  batch: Batch,
  lines: readonly SettledLine[],
  now: number,
  leaseUntil: number,
  self: string | null,
): Promise<SettleCount | null> {
  const byItem = new Map(lines.map((line) => [line.itemId, line]));
  return sql.begin(async (tx) => {
    const [mine] = await tx`
      update batches set lease_until = ${new Date(leaseUntil)}
      where id = ${batch.id} and state = 'ended' and lease_epoch = ${batch.epoch} returning id`;
    if (!mine) return null;
    if (lines.length === 0) return { settled: [], late: 0 };
    // Also items that left this batch when it was given up too early: the nonce says that the result is theirs.
    const rows = await tx<ItemRow[]>`
      select id, state, batch_id, opened, escalate_at, answer_by from items
      where id = any(${[...byItem.keys()]}::uuid[]) order by id for update`;
    const settled: { row: ItemRow; line: SettledLine }[] = [];
    const again: Uuid[] = [];
    for (const row of rows) {
      const line = byItem.get(row.id);
      if (!line || row.state === 'done') continue;
      if (line.kind === 'answer') settled.push({ row, line });
      else if (row.batch_id !== batch.id || row.state === 'escalating') continue;
      else if (row.escalate_at !== null && row.answer_by.getTime() > now) again.push(row.id);
      else settled.push({ row, line });
    }
    await settle(tx, seal, settled, now, self);
    if (again.length > 0) {
      await tx`update items set state = 'escalating', escalate_at = ${new Date(now)}, lease_until = null
        where id = any(${again}::uuid[])`;
    }
    const done = [...rows.filter(({ state }) => state === 'done'), ...(await removed(tx, byItem, rows))];
    const late = await newOnes(
      tx,
      done.flatMap(({ id }) => byItem.get(id) ?? []).filter(({ kind }) => kind === 'answer'),
    );
    await bookAttempts(
      tx,
      [...rows.filter(({ state }) => state !== 'done'), ...done].flatMap(({ id, opened }) => {
        const attempt = byItem.get(id)?.attempt;
        return attempt ? [{ opened, attempt }] : [];
      }),
    );
    await refreshSums(
      tx,
      done.map(({ id }) => id),
    );
    return { settled: settled.map(({ row }) => row.id), late };
  });
}

export async function releaseItems(sql: Sql, { id, epoch }: Batch, now: number): Promise<boolean> {
  return sql.begin(async (tx) => {
    const rows = await tx`
      select 1 from batches where id = ${id} and state = 'ended' and lease_epoch = ${epoch} for update`;
    if (rows.length > 0) await toSync(tx, id, now);
    return rows.length > 0;
  });
}

export async function closeBatch(sql: Sql, { id, epoch }: Batch, now: number, error: string | null): Promise<boolean> {
  return sql.begin(async (tx) => {
    const rows = await tx`
      update batches set state = 'closed', closed_at = ${new Date(now)}, error = ${error}, lease_owner = null,
        lease_until = null
      where id = ${id} and state in ('ended', 'open', 'unknown') and lease_epoch = ${epoch} returning id`;
    if (rows.length > 0) await toSync(tx, id, now);
    return rows.length > 0;
  });
}

async function toSync(tx: TransactionSql, batchId: Uuid, now: number): Promise<void> {
  await tx`
    with waiting as (
      select id from items where batch_id = ${batchId} and state = 'batched' order by id for update)
    update items i set state = 'escalating', escalate_at = ${new Date(now)}, lease_until = null
    from waiting where i.id = waiting.id`;
}

export async function collectLater(sql: Sql, batch: Batch, at: number, error: string, isTry: boolean): Promise<void> {
  await sql`
    update batches set collect_tries = collect_tries + ${isTry ? 1 : 0}, collect_after = ${new Date(at)}, error = ${error},
      lease_owner = null, lease_until = null
    where id = ${batch.id} and state = 'ended' and lease_epoch = ${batch.epoch}`;
}

interface ItemRow {
  id: Uuid;
  state: ItemState;
  batch_id: Uuid | null;
  opened: OpenedRecord;
  escalate_at: Date | null;
  answer_by: Date;
}

async function settle(
  tx: TransactionSql,
  seal: Seal,
  settled: readonly { row: ItemRow; line: SettledLine }[],
  now: number,
  self: string | null,
): Promise<void> {
  if (settled.length === 0) return;
  const ids = settled.map(({ row }) => row.id);
  const outcomes = settled.map(({ line }) => line.answer.outcome);
  const held = await tx<{ caller: string | null }[]>`
    update items set state = 'done', outcome = o.outcome, outcome_at = ${new Date(now)}
    from unnest(${ids}::uuid[], ${outcomes}::text[]) as o(id, outcome) where items.id = o.id returning items.caller`;
  const rows = settled.map(({ row, line }) => ({ item_id: row.id, sealed: sealAnswer(seal, line.answer) }));
  await tx`insert into item_results ${tx(rows)} on conflict do nothing`;
  await tellOutcomes(tx, otherHolders(held, self));
}

/** Results whose items are gone from the lane: the log knows whose they were. */
async function removed(
  tx: TransactionSql,
  byItem: ReadonlyMap<Uuid, SettledLine>,
  rows: readonly ItemRow[],
): Promise<{ id: Uuid; opened: BookedAttempt['opened'] }[]> {
  const there = new Set(rows.map(({ id }) => id));
  const missing = [...byItem.keys()].filter((id) => !there.has(id));
  if (missing.length === 0) return [];
  const logged = await tx<{ id: Uuid; key_id: Uuid | null }[]>`
    select id, key_id from requests where id = any(${missing}::uuid[])`;
  return logged.map(({ id, key_id }) => ({ id, opened: { id, keyId: key_id, arrivedAt: uuidTime(id) } }));
}

/** How many of these are not booked yet. */
async function newOnes(tx: TransactionSql, lines: readonly SettledLine[]): Promise<number> {
  if (lines.length === 0) return 0;
  const booked = await tx`
    select 1 from attempts where request_id = any(${lines.map(({ itemId }) => itemId)}::uuid[])
      and key = any(${lines.map(({ attempt }) => attempt.key)}::text[])`;
  return lines.length - booked.length;
}
