import type { Sql } from 'postgres';
import type { Uuid } from '@/lib/core/ids';
import { LOCKS } from '@/lib/store/advisory-locks';
import { type BatchRow, batchColumns, toBatch } from './batch-row';
import type { Batch, BatchClaim, BatchMark, ItemsBack, Payload, Posting } from './lane-store';
import { openPayload, type Seal } from './sealed';

/**
 * A group is due when its first window is over, or when it holds as many items or bytes as a batch may. What is taken
 * is the oldest part that fits; items whose caller left wait for its return. While upstream has asked some of a
 * credential's items to wait, those that came since wait with them. Nobody's flood keeps others waiting: a group of
 * which a batch is being sent comes after those that have none, and where more wait than fit each key gets its turn.
 */
export async function claimGroup(sql: Sql, upstreamId: number, claim: BatchClaim): Promise<Batch | null> {
  const now = new Date(claim.now);
  return sql.begin(async (tx) => {
    // Groups are claimed one at a time: two processes that split one would make two batches of it.
    const [lock] = await tx<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(${LOCKS.claimGroup}) as mine`;
    if (!lock?.mine) return null;
    // What is due for a synchronous answer would be paid for twice.
    const isInTime = tx`(escalate_at is null or escalate_at > ${now})`;
    const [group] = await tx<{ group_key: string; most: number; waiting: number }[]>`
      select group_key, least(min(max_items), ${claim.mostItems}::int) as most, count(*)::int as waiting from items
      where upstream_id = ${upstreamId} and state = 'queued' and gone_at is null and ${isInTime} and credential not in (
        select credential from items where upstream_id = ${upstreamId} and state = 'queued' and not_before > ${now})
      group by group_key
      having min(window_ends_at) <= ${now} or count(*) >= min(max_items) or sum(bytes) >= ${claim.mostBytes}
      order by group_key in (
        select group_key from batches where upstream_id = ${upstreamId} and state in ('intent', 'posting')
      ), min(window_ends_at) limit 1`;
    if (!group) return null;
    const isWaiting = tx`upstream_id = ${upstreamId} and state = 'queued' and group_key = ${group.group_key} and gone_at is null and ${isInTime}`;
    const waiting =
      group.waiting > group.most
        ? tx`select items.*, turns.turn from items join (
              select id, row_number() over (partition by coalesce(opened ->> 'keyId', credential) order by id) as turn
              from items where ${isWaiting}) turns on turns.id = items.id
            where ${isWaiting} order by turns.turn, items.id limit ${group.most} for update of items skip locked`
        : tx`select *, 1 as turn from items where ${isWaiting} order by id limit ${group.most} for update skip locked`;
    const [row] = await tx<BatchRow[]>`
      with taken as (
        select id, bytes, upstream_id, credential, headers, model, size_class,
          row_number() over (order by turn, id) as n, sum(bytes) over (order by turn, id) as sum_bytes
        from (${waiting}) waiting
      ), fitting as (
        select * from taken where n = 1 or sum_bytes <= ${claim.mostBytes}
      ), batch as (
        insert into batches (id, upstream_id, state, nonce, credential, group_key, headers, model, size_class, items,
          bytes, created_at, lease_owner, lease_epoch, lease_until)
        select ${claim.id}, upstream_id, 'intent', ${claim.nonce}, credential, ${group.group_key}, headers, model,
          size_class, (select count(*) from fitting), (select sum(bytes) from fitting), ${now}, ${claim.owner}, 1,
          ${new Date(claim.leaseUntil)}
        from fitting where n = 1
        returning *
      ), batched as (
        update items set state = 'batched', batch_id = ${claim.id},
          custom_id = ${claim.nonce} || '-' || replace(items.id::text, '-', '')
        from fitting where items.id = fitting.id
      )
      select ${batchColumns(sql)} from batch b`;
    return row ? toBatch(row) : null;
  });
}

export async function payloads(sql: Sql, seal: Seal, batchId: Uuid): Promise<{ customId: string; payload: Payload }[]> {
  const rows = await sql<{ custom_id: string; sealed: Uint8Array }[]>`
    select i.custom_id, b.sealed from items i join item_bodies b on b.item_id = i.id
    where i.batch_id = ${batchId} and i.state = 'batched' order by i.id`;
  return rows.map((row) => ({ customId: row.custom_id, payload: openPayload(seal, row.sealed) }));
}

export async function newestKnown(sql: Sql, upstreamId: number, credential: string): Promise<string | null> {
  const [row] = await sql<{ msgbatch_id: string }[]>`
    select msgbatch_id from batches
    where upstream_id = ${upstreamId} and credential = ${credential} and msgbatch_id is not null
    order by upstream_created_at desc nulls last limit 1`;
  return row?.msgbatch_id ?? null;
}

export async function posting(sql: Sql, batch: Batch, at: Posting): Promise<boolean> {
  const rows = await sql`
    update batches set state = 'posting', posting_at = ${new Date(at.now)}, watermark = ${at.watermark},
      items = ${at.items}, bytes = ${at.bytes},
      post_deadline_at = ${new Date(at.postDeadlineAt)}, lease_until = ${new Date(at.postDeadlineAt)}
    where id = ${batch.id} and state = 'intent' and lease_epoch = ${batch.epoch} and lease_until > ${new Date(at.now)}
    returning id`;
  return rows.length > 0;
}

export async function created(
  sql: Sql,
  batchId: Uuid,
  told: { msgbatchId: string; createdAt: number; expiresAt: number | null },
): Promise<boolean> {
  const rows = await sql`
    update batches set state = 'open', msgbatch_id = ${told.msgbatchId}, upstream_created_at = ${new Date(told.createdAt)},
      expires_at = ${told.expiresAt === null ? null : new Date(told.expiresAt)}, candidates = '{}', closed_at = null,
      lease_owner = null, lease_until = null
    where id = ${batchId} and state in ('posting', 'unknown', 'void') returning id`;
  return rows.length > 0;
}

export async function unknown(sql: Sql, batch: Batch, error: string, now: number): Promise<boolean> {
  // Its POST ended just now: what it made is no older than that, and what others found out before is out of date.
  const rows = await sql`
    update batches set state = 'unknown', error = ${error}, post_deadline_at = greatest(post_deadline_at, ${new Date(now)}),
      absent_since = null, closed_at = null, lease_owner = null, lease_until = null, lease_epoch = lease_epoch + 1
    where id = ${batch.id} and state in ('posting', 'unknown', 'void') and lease_epoch = ${batch.epoch} returning id`;
  return rows.length > 0;
}

export async function voidBatch(
  sql: Sql,
  { id: batchId, state, epoch }: BatchMark,
  back: ItemsBack,
  error: string,
  now: number,
): Promise<boolean> {
  return sql.begin(async (tx) => {
    const rows = await tx`
      update batches set state = 'void', error = ${error}, closed_at = ${new Date(now)}, lease_owner = null,
        lease_until = null
      where id = ${batchId} and state = ${state} and lease_epoch = ${epoch} returning id`;
    if (rows.length === 0) return false;
    // In the order in which results are taken over: two that write many items never wait for each other in a circle.
    await tx`select 1 from items where batch_id = ${batchId} order by id for update`;
    if (back.to === 'queue') {
      await tx`update items set state = 'queued', batch_id = null, custom_id = null,
          not_before = ${back.notBefore === null ? null : new Date(back.notBefore)}
        where batch_id = ${batchId} and state = 'batched'`;
    } else {
      await tx`update items set state = 'escalating', batch_id = null, custom_id = null, escalate_at = ${new Date(now)}
        where batch_id = ${batchId} and state = 'batched'`;
    }
    // What is being answered by sync already stays where it is, without the batch.
    await tx`update items set batch_id = null, custom_id = null where batch_id = ${batchId} and state <> 'done'`;
    return true;
  });
}

export async function takeOver(sql: Sql, upstreamId: number, now: number): Promise<number> {
  const at = new Date(now);
  const intents = await sql<BatchMark[]>`select id, state, lease_epoch as epoch from batches
    where upstream_id = ${upstreamId} and state = 'intent' and lease_until <= ${at}`;
  let taken = 0;
  for (const batch of intents) {
    if (await voidBatch(sql, batch, { to: 'queue', notBefore: null }, 'its maker stopped', now)) taken++;
  }
  const posted = await sql`
    update batches set state = 'unknown', error = 'its maker stopped', lease_owner = null, lease_until = null
    where upstream_id = ${upstreamId} and state = 'posting' and lease_until <= ${at} returning id`;
  return taken + posted.length;
}
