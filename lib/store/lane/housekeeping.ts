import type { Sql } from 'postgres';
import type { Uuid } from '@/lib/core/ids';
import type { ItemOutcome } from '@/lib/core/lane-states';
import type { OpenedRecord } from '@/lib/core/request-record';
import { storeTallies } from '@/lib/store/batch-tallies';
import { type BatchRow, batchColumns, toBatch } from './batch-row';
import type { Batch, ForgottenItem, ItemAnswer } from './lane-store';
import { openAnswer, type Seal, sealAnswer } from './sealed';

/** A process that holds callers says so every few seconds; this long after its lease its callers count as gone. */
const LOST_PROCESS_MS = 60_000;

export async function dropAbandoned(
  sql: Sql,
  upstreamId: number,
  owner: string,
  now: number,
  graceMs: number,
): Promise<Uuid[]> {
  const at = new Date(now);
  const left = new Date(now - graceMs);
  // Callers of a process that is gone have lost their connection with it. Those of answered items, too: nobody will
  // fetch the answer, unless a retry does. Whoever sweeps is alive, even if it slept through its lease.
  await sql`
    with lost as (
      select i.id from items i
      where i.upstream_id = ${upstreamId} and i.closed_at is null and i.caller <> ${owner} and not exists (
        select 1 from lane_leases l where l.name = 'process:' || i.caller and l.lease_until > ${at})
      order by i.id for update skip locked)
    update items i set caller = null, gone_at = ${at} from lost where i.id = lost.id`;
  await sql`delete from lane_leases where lease_until < ${new Date(now - LOST_PROCESS_MS)}`;
  const rows = await sql<{ id: Uuid }[]>`
    with abandoned as (
      select id from items
      where upstream_id = ${upstreamId} and (state = 'queued' and gone_at < ${left}
        or state <> 'done' and caller is null and answer_by < ${left})
      order by id for update skip locked)
    update items i set state = 'done', outcome = 'dropped', outcome_at = ${at}, lease_until = null
    from abandoned where i.id = abandoned.id
    returning i.id`;
  return rows.map((row) => row.id);
}

export async function expire(
  sql: Sql,
  seal: Seal,
  upstreamId: number,
  now: number,
  answer: ItemAnswer,
): Promise<Uuid[]> {
  const at = new Date(now);
  const rows = await sql<{ item_id: Uuid }[]>`
    with overdue as (
      select id from items
      where upstream_id = ${upstreamId} and state <> 'done'
        and (answer_by <= ${at} or probe and state = 'escalating')
        and (lease_until is null or lease_until <= ${at})
      order by id for update skip locked
    ), late as (
      update items i set state = 'done', outcome = ${answer.outcome}, outcome_at = ${at}, lease_until = null
      from overdue where i.id = overdue.id returning i.id
    )
    insert into item_results (item_id, sealed) select id, ${sealAnswer(seal, answer)}::bytea from late returning item_id`;
  return rows.map((row) => row.item_id);
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

export async function giveUp(sql: Sql, upstreamId: number, createdBefore: number, now: number): Promise<number> {
  const rows = await sql`
    update batches b set state = 'closed', closed_at = ${new Date(now)}, error = 'nothing was heard of it for too long'
    where b.upstream_id = ${upstreamId} and b.state in ('unknown', 'open', 'ended')
      and b.created_at < ${new Date(createdBefore)}
      and not exists (select 1 from items i where i.batch_id = b.id and i.state <> 'done')
    returning b.id`;
  return rows.length;
}

export async function forgotten(
  sql: Sql,
  seal: Seal,
  upstreamId: number,
  before: number,
  limit: number,
): Promise<ForgottenItem[]> {
  const rows = await sql<ForgottenRow[]>`
    select i.id, i.opened, i.outcome, i.outcome_at, i.probe, r.sealed from items i left join item_results r on r.item_id = i.id
    where i.upstream_id = ${upstreamId} and i.state = 'done' and i.closed_at is null
      and (i.outcome_at < ${new Date(before)} and i.caller is null or i.outcome = 'dropped' or i.probe)
    order by i.outcome_at limit ${limit}`;
  return rows.map((row) => ({
    id: row.id,
    opened: row.opened,
    outcome: row.outcome,
    outcomeAt: row.outcome_at.getTime(),
    isProbe: row.probe,
    answer: row.sealed ? openAnswer(seal, row.sealed) : null,
  }));
}

interface ForgottenRow {
  id: Uuid;
  opened: OpenedRecord;
  outcome: ItemOutcome;
  outcome_at: Date;
  probe: boolean;
  sealed: Uint8Array | null;
}

/**
 * Items go with their bodies and results; one whose batch may still bring a result, or does not know yet what became of
 * all its items, stays without them.
 */
export async function purge(sql: Sql, closedBefore: number): Promise<void> {
  const at = new Date(closedBefore);
  await storeTallies(sql, at);
  await sql`
    with over as (select id from items where closed_at < ${at} and state = 'done'),
      bodies as (delete from item_bodies using over where item_id = over.id),
      results as (delete from item_results using over where item_id = over.id)
    delete from items using over where items.id = over.id and not exists (
      select 1 from batches b where b.id = items.batch_id
          and (b.state in ('intent', 'posting', 'unknown', 'open', 'ended') or b.state = 'closed' and b.tally is null))`;
  await purgeCredentials(sql);
}

/**
 * In two steps: whoever queues an item with one of these credentials meanwhile waits at its row, and what has come
 * before that is seen by the second statement, not by the first.
 */
async function purgeCredentials(sql: Sql): Promise<void> {
  const isNeeded = sql`(
    exists (select 1 from items i where i.credential = c.credential and i.state <> 'done')
    or exists (select 1 from batches b where b.credential = c.credential
      and b.state in ('intent', 'posting', 'unknown', 'open', 'ended')))`;
  await sql.begin(async (tx) => {
    const idle = await tx<{ credential: string }[]>`
      select c.credential from lane_credentials c where not ${isNeeded} order by 1 for update skip locked`;
    if (idle.length === 0) return;
    const names = idle.map(({ credential }) => credential);
    await tx`delete from lane_credentials c where c.credential = any(${names}::text[]) and not ${isNeeded}`;
  });
}
