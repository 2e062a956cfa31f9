import type { Sql } from 'postgres';
import type { RequestDetail } from '@/lib/contract/requests';
import type { Uuid } from '@/lib/core/ids';
import type { BatchState, ItemOutcome, ItemState } from '@/lib/core/lane-states';
import type { Fragment } from './request-filter';

/**
 * Calls in the batch lane that the log does not have yet, with the columns of `requests`: any replica sees them, and
 * one filter serves both.
 */
export function waitingRequests(sql: Sql): Fragment {
  return sql`
    select i.id, i.upstream_id, 'messages'::text as endpoint, (i.opened ->> 'keyId')::uuid as key_id,
      i.opened ->> 'client' as client, i.opened ->> 'agent' as agent, i.opened ->> 'sessionId' as session_id,
      i.opened ->> 'agentId' as agent_id, i.opened ->> 'parentAgentId' as parent_agent_id, i.opened -> 'tags' as tags,
      'batch'::text as lane, null::text as served_by, i.opened ->> 'rule' as rule, i.opened ->> 'because' as because,
      (i.opened ->> 'policyVersion')::int as policy_version,
      case i.state when 'escalating' then 'running' else 'waiting' end as state, null::smallint as http_status,
      null::text as error_type, i.opened ->> 'model' as model, (i.opened ->> 'stream')::boolean as stream,
      (i.opened ->> 'toleranceMs')::float8 as tolerance_ms,
      coalesce(to_timestamp((i.opened ->> 'deadlineAt')::float8 / 1000), i.answer_by) as deadline_at,
      (i.opened ->> 'inputTokens')::int as input_tokens, (i.opened ->> 'maxTokens')::int as max_tokens,
      (i.opened ->> 'hasTools')::boolean as has_tools, (i.opened ->> 'hasThinking')::boolean as has_thinking,
      coalesce((i.opened ->> 'warmPrefixTokens')::float8, 0) > 0 as warm_prefix,
      null::jsonb as usage, null::bigint as cost_pico, null::bigint as sync_cost_pico, null::bigint as waste_pico,
      false as unpriced, null::float8 as ttfb_ms, null::float8 as latency_ms, b.msgbatch_id as batch_id,
      null::text as upstream_request_id
    from items i left join batches b on b.id = i.batch_id
    where i.closed_at is null`;
}

export type LanePlace = Pick<RequestDetail, 'item' | 'batch'>;

/** Where a request is, or was, in the batch lane. @param msgbatchId as its log row names its batch. */
export async function findLanePlace(sql: Sql, id: Uuid, msgbatchId: string | null): Promise<LanePlace> {
  const [item] = await sql<(ItemRow & { batch_id: Uuid | null })[]>`
    select state, outcome, window_ends_at, answer_by, escalate_at, outcome_at, batch_id from items where id = ${id}::uuid`;
  const batchId = item?.batch_id ?? null;
  const [batch] =
    batchId === null && msgbatchId === null
      ? []
      : await sql<BatchTimes[]>`
          select id, msgbatch_id, state, created_at, posting_at, upstream_created_at, ended_at, seen_ended_at, closed_at
          from batches where ${batchId === null ? sql`msgbatch_id = ${msgbatchId}` : sql`id = ${batchId}::uuid`}`;
  return { item: item ? toItem(item) : null, batch: batch ? toBatch(batch) : null };
}

interface ItemRow {
  state: ItemState;
  outcome: ItemOutcome | null;
  window_ends_at: Date;
  answer_by: Date;
  escalate_at: Date | null;
  outcome_at: Date | null;
}

interface BatchTimes {
  id: Uuid;
  msgbatch_id: string | null;
  state: BatchState;
  created_at: Date;
  posting_at: Date | null;
  upstream_created_at: Date | null;
  ended_at: Date | null;
  seen_ended_at: Date | null;
  closed_at: Date | null;
}

function toItem(row: ItemRow): LanePlace['item'] {
  return {
    state: row.state,
    outcome: row.outcome,
    windowEndsAt: row.window_ends_at.toISOString(),
    answerBy: row.answer_by.toISOString(),
    escalateAt: row.escalate_at?.toISOString() ?? null,
    outcomeAt: row.outcome_at?.toISOString() ?? null,
  };
}

function toBatch(row: BatchTimes): LanePlace['batch'] {
  return {
    id: row.id,
    msgbatchId: row.msgbatch_id,
    state: row.state,
    createdAt: row.created_at.toISOString(),
    postedAt: row.posting_at?.toISOString() ?? null,
    upstreamCreatedAt: row.upstream_created_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    seenEndedAt: row.seen_ended_at?.toISOString() ?? null,
    closedAt: row.closed_at?.toISOString() ?? null,
  };
}
