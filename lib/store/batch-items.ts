import type { Sql } from 'postgres';
import type { BatchItem } from '@/lib/contract/batches';
import { requestId, type Uuid, uuidTime } from '@/lib/core/ids';
import type { ItemOutcome, ItemState } from '@/lib/core/lane-states';
import type { Lane, RequestState } from '@/lib/core/request-states';
import { requestsAround, type TalliedBatch } from './batch-tallies';
import { inRange } from './request-filter';

const MOST_ITEMS = 500;

interface ItemRow {
  id: Uuid;
  state: ItemState;
  outcome: ItemOutcome | null;
  request_state: RequestState;
  served_by: Lane | null;
  model: string | null;
  answer_by: Date | null;
  escalate_at: Date | null;
  outcome_at: Date | null;
  latency_ms: number | null;
  /** How many there are. */
  of: number;
}

/**
 * A batch's items by arrival, and how many they are: from the lane while it has them, later from the log, as far as it
 * names their batch.
 * @param now until when those without an outcome have waited.
 */
export async function readBatchItems(
  sql: Sql,
  batch: TalliedBatch,
  now: Date,
): Promise<{ items: BatchItem[]; itemCount: number }> {
  const range = requestsAround([batch.created_at]);
  const rows = await sql<ItemRow[]>`
    with known as (
      select i.id, i.state, i.outcome,
        coalesce(r.state, case i.state when 'escalating' then 'running' else 'waiting' end) as request_state,
        r.served_by, i.opened ->> 'model' as model, i.answer_by,
        case when i.state <> 'done' then i.escalate_at end as escalate_at, i.outcome_at, r.latency_ms
      from items i left join requests r on r.id = i.id and ${inRange(sql, range)}
      where i.batch_id = ${batch.id}::uuid
      union all
      select r.id, 'done', case r.state when 'succeeded' then 'answered' when 'failed' then 'failed' else 'dropped' end,
        r.state, r.served_by, r.model, r.deadline_at, null, null, r.latency_ms
      from requests r
      where r.batch_id = ${batch.msgbatch_id} and ${inRange(sql, range)}
        and not exists (select 1 from items i where i.id = r.id and i.batch_id = ${batch.id}::uuid)
    )
    select known.*, (count(*) over ())::int as of from known order by id limit ${MOST_ITEMS}`;
  return { items: rows.map((row) => toItem(row, now)), itemCount: rows[0]?.of ?? 0 };
}

function toItem(row: ItemRow, now: Date): BatchItem {
  const arrivedAt = uuidTime(row.id);
  const until = row.state === 'done' ? row.outcome_at : now;
  return {
    id: row.id,
    requestId: requestId(row.id),
    state: row.state,
    outcome: row.outcome,
    requestState: row.request_state,
    servedBy: row.served_by,
    model: row.model,
    arrivedAt: new Date(arrivedAt).toISOString(),
    answerBy: row.answer_by?.toISOString() ?? null,
    escalateAt: row.escalate_at?.toISOString() ?? null,
    outcomeAt: row.outcome_at?.toISOString() ?? null,
    waitingMs: until ? Math.max(0, until.getTime() - arrivedAt) : row.latency_ms,
  };
}
