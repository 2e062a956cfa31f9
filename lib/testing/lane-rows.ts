import { randomBytes } from 'node:crypto';
import type { Sql } from 'postgres';
import { type Uuid, uuidV7 } from '@/lib/core/ids';
import type { BatchState, ItemOutcome, ItemState } from '@/lib/core/lane-states';
import type { OpenedRecord } from '@/lib/core/request-record';

/** What a test says of a batch, Unix ms; what it leaves out has not happened. */
export interface BatchSaid {
  createdAt: number;
  state?: BatchState;
  msgbatchId?: string;
  upstreamId?: number;
  credential?: string;
  model?: string;
  items?: number;
  postedAt?: number;
  upstreamCreatedAt?: number;
  endedAt?: number;
  seenEndedAt?: number;
  closedAt?: number;
  counts?: Record<string, number>;
}

/** What a test says of an item. */
export interface ItemSaid {
  state: ItemState;
  answerBy: number;
  upstreamId?: number;
  credential?: string;
  group?: string;
  batchId?: Uuid | null;
  outcome?: ItemOutcome;
  escalateAt?: number | null;
  outcomeAt?: number;
  closedAt?: number;
  bytes?: number;
}

const at = (ms: number | null | undefined) => (ms === null || ms === undefined ? null : new Date(ms));

/** Writes a batch as the lane would have left it. */
export async function writeBatch(sql: Sql, said: BatchSaid): Promise<Uuid> {
  const id = uuidV7(said.createdAt, randomBytes(10));
  await sql`insert into batches ${sql({
    id,
    upstream_id: said.upstreamId ?? 1,
    state: said.state ?? 'open',
    msgbatch_id: said.msgbatchId ?? null,
    nonce: randomBytes(8).toString('hex'),
    credential: said.credential ?? 'key:default',
    group_key: 'group',
    headers: sql.json([]),
    model: said.model ?? 'claude-sonnet-5-5',
    size_class: 'small',
    items: said.items ?? 1,
    bytes: 1_000,
    created_at: at(said.createdAt),
    posting_at: at(said.postedAt),
    upstream_created_at: at(said.upstreamCreatedAt),
    ended_at: at(said.endedAt),
    seen_ended_at: at(said.seenEndedAt),
    closed_at: at(said.closedAt),
    counts: said.counts ? sql.json(said.counts) : null,
  })}`;
  return id;
}

/** Writes a call's place in the lane. */
export async function writeItem(sql: Sql, opened: OpenedRecord, said: ItemSaid): Promise<void> {
  await sql`insert into items ${sql({
    id: opened.id,
    upstream_id: said.upstreamId ?? 1,
    state: said.state,
    outcome: said.outcome ?? null,
    opened: sql.json(JSON.parse(JSON.stringify(opened))),
    credential: said.credential ?? 'key:default',
    group_key: said.group ?? 'group',
    headers: sql.json([]),
    model: opened.model ?? '',
    size_class: 'small',
    bytes: said.bytes ?? 100,
    max_items: 1_000,
    fingerprint: opened.id,
    arrived_at: at(opened.arrivedAt),
    window_ends_at: at(opened.arrivedAt + 5_000),
    answer_by: at(said.answerBy),
    escalate_at: at(said.escalateAt),
    batch_id: said.batchId ?? null,
    custom_id: said.batchId ? `nonce-${opened.id.replaceAll('-', '')}` : null,
    outcome_at: at(said.outcomeAt),
    closed_at: at(said.closedAt),
  })}`;
}
