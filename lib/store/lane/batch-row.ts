import type { Sql } from 'postgres';
import type { Uuid } from '@/lib/core/ids';
import type { BatchState, SizeClass } from '@/lib/core/lane-states';
import type { Batch } from './lane-store';

/** A row of `batches` as the raw client reads it. */
export interface BatchRow {
  id: Uuid;
  upstream_id: number;
  state: BatchState;
  msgbatch_id: string | null;
  nonce: string;
  credential: string;
  headers: [string, string][];
  model: string;
  size_class: SizeClass;
  items: number;
  bytes: string;
  created_at: Date;
  posting_at: Date | null;
  post_deadline_at: Date | null;
  watermark: string | null;
  candidates: string[];
  foreign_ids: string[];
  absent_since: Date | null;
  upstream_created_at: Date | null;
  expires_at: Date | null;
  ended_at: Date | null;
  counts: Record<string, number> | null;
  collect_tries: number;
  lease_epoch: number;
}

export function batchColumns(sql: Sql) {
  return sql`b.id, b.upstream_id, b.state, b.msgbatch_id, b.nonce, b.credential, b.headers, b.model, b.size_class, b.items,
    b.bytes, b.created_at, b.posting_at, b.post_deadline_at, b.watermark, b.candidates, b.foreign_ids, b.absent_since,
    b.upstream_created_at, b.expires_at, b.ended_at, b.counts, b.collect_tries, b.lease_epoch`;
}

export function toBatch(row: BatchRow): Batch {
  return {
    id: row.id,
    upstreamId: row.upstream_id,
    state: row.state,
    msgbatchId: row.msgbatch_id,
    nonce: row.nonce,
    credential: row.credential,
    headers: row.headers,
    model: row.model,
    sizeClass: row.size_class,
    items: row.items,
    bytes: Number(row.bytes),
    createdAt: row.created_at.getTime(),
    postingAt: row.posting_at?.getTime() ?? null,
    postDeadlineAt: row.post_deadline_at?.getTime() ?? null,
    watermark: row.watermark,
    candidates: row.candidates,
    foreign: row.foreign_ids,
    absentSince: row.absent_since?.getTime() ?? null,
    upstreamCreatedAt: row.upstream_created_at?.getTime() ?? null,
    expiresAt: row.expires_at?.getTime() ?? null,
    endedAt: row.ended_at?.getTime() ?? null,
    counts: row.counts,
    collectTries: row.collect_tries,
    epoch: row.lease_epoch,
  };
}
