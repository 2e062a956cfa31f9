import { randomBytes } from 'node:crypto';
import type { Sql } from 'postgres';
import { uuidV7 } from '@/lib/core/ids';
import type { BatchState } from '@/lib/core/lane-states';

/** What a test says of a batch. Unix ms; what it leaves out has not happened. */
export interface BatchRow {
  createdAt: number;
  model?: string;
  upstreamId?: number;
  state?: BatchState;
  upstreamCreatedAt?: number;
  endedAt?: number;
  seenEndedAt?: number;
  cancelRequestedAt?: number;
  closedAt?: number;
  expiresAt?: number;
  counts?: Record<string, number>;
  items?: number;
  msgbatchId?: string;
}

/** Writes batches as the lane would have left them. */
export async function insertBatches(sql: Sql, rows: readonly BatchRow[]): Promise<void> {
  const at = (ms: number | undefined) => (ms === undefined ? null : new Date(ms));
  const values = rows.map((row) => ({
    id: uuidV7(row.createdAt, randomBytes(10)),
    upstream_id: row.upstreamId ?? 1,
    state: row.state ?? 'closed',
    nonce: randomBytes(8).toString('hex'),
    credential: 'key:default',
    group_key: 'g',
    headers: sql.json([]),
    model: row.model ?? 'a',
    size_class: 'small',
    items: row.items ?? 1,
    msgbatch_id: row.msgbatchId ?? null,
    bytes: 1,
    created_at: at(row.createdAt),
    upstream_created_at: at(row.upstreamCreatedAt),
    ended_at: at(row.endedAt),
    seen_ended_at: at(row.seenEndedAt ?? row.endedAt),
    cancel_requested_at: at(row.cancelRequestedAt),
    closed_at: at(row.closedAt),
    expires_at: at(row.expiresAt),
    counts: row.counts ? sql.json(row.counts) : null,
  }));
  for (let i = 0; i < values.length; i += 1_000) await sql`insert into batches ${sql(values.slice(i, i + 1_000))}`;
}
