import type { Sql } from 'postgres';
import type { Uuid } from '@/lib/core/ids';
import { type BatchRow, batchColumns, toBatch } from './batch-row';
import type { Adopted, Batch, BatchMark, CandidateNote } from './lane-store';

export async function lease(
  sql: Sql,
  upstreamId: number,
  name: string,
  owner: string,
  leaseUntil: number,
  now: number,
): Promise<boolean> {
  // A thing is done once per upstream.
  const rows = await sql`
    insert into lane_leases (name, owner, lease_until)
    values (${`${upstreamId}:${name}`}, ${owner}, ${new Date(leaseUntil)})
    on conflict (name) do update set owner = excluded.owner, lease_until = excluded.lease_until
      where lane_leases.owner = excluded.owner or lane_leases.lease_until <= ${new Date(now)}
    returning name`;
  return rows.length > 0;
}

export async function watched(sql: Sql, upstreamId: number): Promise<Batch[]> {
  const rows = await sql<BatchRow[]>`
    select ${batchColumns(sql)} from batches b where b.upstream_id = ${upstreamId} and b.state in ('open', 'unknown') order by b.created_at`;
  return rows.map(toBatch);
}

export async function ended(
  sql: Sql,
  batchId: Uuid,
  told: { endedAt: number; counts: Record<string, number> },
  now: number,
): Promise<boolean> {
  const rows = await sql`
    update batches set state = 'ended', ended_at = ${new Date(told.endedAt)}, seen_ended_at = ${new Date(now)},
      counts = ${JSON.stringify(told.counts)}::text::jsonb
    where id = ${batchId} and state = 'open' returning id`;
  return rows.length > 0;
}

export async function noteCandidates(sql: Sql, { id, epoch }: BatchMark, note: CandidateNote): Promise<void> {
  await sql`
    update batches set candidates = ${note.candidates}::text[], foreign_ids = ${note.foreign}::text[],
      absent_since = ${note.absentSince === null ? null : new Date(note.absentSince)}
    where id = ${id} and state = 'unknown' and lease_epoch = ${epoch}`;
}

export async function adopt(sql: Sql, batchId: Uuid, told: Adopted, now: number): Promise<boolean> {
  const rows = await sql`
    update batches set state = 'ended', msgbatch_id = ${told.msgbatchId}, candidates = '{}',
      upstream_created_at = ${new Date(told.createdAt)}, ended_at = ${new Date(told.endedAt)},
      seen_ended_at = ${new Date(now)}, counts = ${JSON.stringify(told.counts)}::text::jsonb
    where id = ${batchId} and state = 'unknown' returning id`;
  return rows.length > 0;
}

export async function owned(sql: Sql, msgbatchIds: readonly string[]): Promise<Set<string>> {
  if (msgbatchIds.length === 0) return new Set();
  const ids = [...msgbatchIds];
  const rows = await sql<{ id: string }[]>`
    select msgbatch_id as id from batches where msgbatch_id = any(${ids}::text[])
    union select id from client_batches where id = any(${ids}::text[])`;
  return new Set(rows.map((row) => row.id));
}
