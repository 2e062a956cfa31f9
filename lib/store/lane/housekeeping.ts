import type { Sql } from 'postgres';
import type { Uuid } from '@/lib/core/ids';
import type { ItemOutcome } from '@/lib/core/lane-states';
import type { OpenedRecord } from '@/lib/core/request-record';
import { type BatchRow, batchColumns, toBatch } from './batch-row';
import type { Batch, ForgottenItem } from './lane-store';
import { openAnswer, type Seal } from './sealed';

/** A process that holds callers says so every few seconds; this long after its lease its callers count as gone. */
const LOST_PROCESS_MS = 60_000;

export async function dropAbandoned(sql: Sql, now: number, graceMs: number): Promise<Uuid[]> {
  const at = new Date(now);
  // Callers of a process that is gone have lost their connection with it.
  await sql`
    update items i set caller = null, gone_at = ${at}
    where i.state <> 'done' and i.caller is not null and not exists (
      select 1 from lane_leases l where l.name = 'process:' || i.caller and l.lease_until > ${at})`;
  await sql`delete from lane_leases where lease_until < ${new Date(now - LOST_PROCESS_MS)}`;
  const rows = await sql<{ id: Uuid }[]>`
    update items set state = 'done', outcome = 'dropped', outcome_at = ${at}
    where state = 'queued' and gone_at < ${new Date(now - graceMs)}
      or state in ('queued', 'batched', 'escalating') and caller is null and answer_by < ${new Date(now - graceMs)}
    returning id`;
  return rows.map((row) => row.id);
}

export async function abandonedBatches(sql: Sql, upstreamId: number): Promise<Batch[]> {
  const rows = await sql<BatchRow[]>`
    select ${batchColumns(sql)} from batches b
    where b.upstream_id = ${upstreamId} and b.state = 'open' and b.cancel_requested_at is null
      and not exists (select 1 from items i where i.batch_id = b.id and i.state <> 'done')`;
  return rows.map(toBatch);
}

export async function cancelRequested(sql: Sql, batchId: Uuid, now: number): Promise<void> {
  await sql`update batches set cancel_requested_at = ${new Date(now)} where id = ${batchId}`;
}

export async function forgotten(sql: Sql, seal: Seal, before: number, limit: number): Promise<ForgottenItem[]> {
  const rows = await sql<{ id: Uuid; opened: OpenedRecord; outcome: ItemOutcome; sealed: Uint8Array | null }[]>`
    select i.id, i.opened, i.outcome, r.sealed from items i left join item_results r on r.item_id = i.id
    where i.state = 'done' and i.closed_at is null
      and (i.outcome_at < ${new Date(before)} and i.caller is null or i.outcome = 'dropped')
    order by i.outcome_at limit ${limit}`;
  return rows.map((row) => ({
    id: row.id,
    opened: row.opened,
    outcome: row.outcome,
    answer: row.sealed ? openAnswer(seal, row.sealed) : null,
  }));
}

/** Items go with their bodies and results; one whose batch may still bring a result stays, without them. */
export async function purge(sql: Sql, closedBefore: number): Promise<void> {
  const at = new Date(closedBefore);
  await sql`
    with over as (select id from items where closed_at < ${at}),
      bodies as (delete from item_bodies using over where item_id = over.id),
      results as (delete from item_results using over where item_id = over.id)
    delete from items using over where items.id = over.id and not exists (
      select 1 from batches b where b.id = items.batch_id and b.state in ('intent', 'posting', 'unknown', 'open', 'ended'))`;
  await sql`
    delete from lane_credentials c where not exists (
      select 1 from items i where i.credential = c.credential and i.state <> 'done') and not exists (
      select 1 from batches b where b.credential = c.credential
        and b.state in ('intent', 'posting', 'unknown', 'open', 'ended'))`;
}
