import type { Sql } from 'postgres';
import type { SynthBatch } from '@/lib/core/synth/synth-batches';

/** Writes batches of a simulated past, as the lane would have left them. What is there already changes nothing. */
export async function writeSynthBatches(sql: Sql, upstreamId: number, batches: readonly SynthBatch[]): Promise<void> {
  if (batches.length === 0) return;
  const rows = batches.map((batch) => ({
    id: batch.id,
    msgbatch_id: batch.msgbatchId,
    nonce: batch.id,
    model: batch.model,
    size_class: batch.sizeClass,
    items: batch.items,
    created_at: new Date(batch.createdAt),
    upstream_created_at: new Date(batch.upstreamCreatedAt),
    ended_at: new Date(batch.endedAt),
    closed_at: new Date(batch.closedAt),
    counts: { succeeded: batch.items, errored: 0, expired: 0, canceled: 0, processing: 0 },
  }));
  await sql`
    insert into batches (id, upstream_id, state, msgbatch_id, nonce, credential, group_key, headers, model, size_class,
      items, bytes, created_at, posting_at, upstream_created_at, ended_at, seen_ended_at, closed_at, counts)
    select id, ${upstreamId}::smallint, 'closed', msgbatch_id, nonce, 'key:default', 'synth', '[]'::jsonb, model, size_class,
      items, items * 4000::bigint, created_at, created_at, upstream_created_at, ended_at, ended_at, closed_at, counts
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(id uuid, msgbatch_id text, nonce text, model text,
      size_class text, items int, created_at timestamptz, upstream_created_at timestamptz, ended_at timestamptz,
      closed_at timestamptz, counts jsonb)
    on conflict do nothing`;
}
