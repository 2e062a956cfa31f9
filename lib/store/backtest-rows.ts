import type { Sql } from 'postgres';
import type { LoggedOutcome } from '@/lib/core/backtest/logged-outcome';
import { observeBatch, type Turnaround } from '@/lib/core/estimate/turnaround';
import { type Uuid, uuidFloor, uuidTime } from '@/lib/core/ids';
import type { Lane, TerminalState } from '@/lib/core/request-states';
import type { TimeRange } from '@/lib/core/time-range';
import { DECIDED_COLUMNS, type DecidedRow } from './logged-calls';
import { ofUpstream, type UpstreamScope } from './request-filter';

const MOST_BATCHES = 200_000;

/** A logged call with what its decision saw and what came of it. */
export type BacktestRow = DecidedRow & {
  lane: Lane;
  rule: string;
  because: string;
  served_by: Lane | null;
  state: TerminalState;
  error_type: string | null;
  cost_pico: string;
  sync_cost_pico: string;
  waste_pico: string;
  unpriced: boolean;
  latency_ms: number | null;
  deadline_ms: number | null;
  /** As upstream wrote them, whatever that is. */
  cache_read: string | null;
  cached_for_hour: string | null;
  batch_id: string | null;
};

/**
 * Decided calls of the range, oldest first, behind `after`. What was refused before it was decided is not among them.
 * @param after id of the last row of the page before.
 */
export async function readBacktestPage(
  sql: Sql,
  scope: { upstream: UpstreamScope; range: TimeRange; after: Uuid | null; limit: number },
): Promise<BacktestRow[]> {
  const { upstream, range, after, limit } = scope;
  return sql<BacktestRow[]>`
    select ${sql.unsafe(DECIDED_COLUMNS)}, r.lane, r.rule, r.because, r.served_by, r.state, r.error_type, r.cost_pico,
      r.sync_cost_pico, r.waste_pico, r.unpriced, r.latency_ms, r.batch_id,
      round(date_part('epoch', r.deadline_at) * 1000)::float8 as deadline_ms,
      r.usage ->> 'cache_read_input_tokens' as cache_read,
      r.usage -> 'cache_creation' ->> 'ephemeral_1h_input_tokens' as cached_for_hour
    from requests r left join keys k on k.id = r.key_id
    where ${ofUpstream(sql, upstream)} and r.endpoint = 'messages'
      and r.id >= ${uuidFloor(range.from.getTime())}::uuid and r.id < ${uuidFloor(range.to.getTime())}::uuid
      ${after === null ? sql`` : sql`and r.id > ${after}::uuid`}
      and not (r.state = 'refused' and r.opted_out is null)
    order by r.id limit ${limit}`;
}

export function outcomeOf(row: BacktestRow, batchDoneAt: ReadonlyMap<string, number>): LoggedOutcome {
  const arrivedAt = uuidTime(row.id);
  const doneAt = row.batch_id === null ? undefined : batchDoneAt.get(row.batch_id);
  return {
    lane: row.spilled ? 'sync' : row.lane,
    rule: row.rule,
    because: row.because,
    servedBy: row.served_by,
    state: row.state,
    timedOut: row.error_type === 'timeout_error',
    cost: Number(row.cost_pico),
    syncCost: Number(row.sync_cost_pico),
    waste: Number(row.waste_pico),
    unpriced: row.unpriced,
    latencyMs: row.latency_ms,
    deadlineMs: row.deadline_ms === null ? null : row.deadline_ms - arrivedAt,
    cacheReadTokens: Number(row.cache_read ?? 0) || 0,
    cachedForHour: Number(row.cached_for_hour ?? 0) > 0,
    batchDoneMs: doneAt === undefined ? null : doneAt - arrivedAt,
  };
}

export interface BacktestBatches {
  turnarounds: (Turnaround & { model: string })[];
  /** Unix ms at which the results of a batch were there, by upstream's id. */
  doneAt: Map<string, number>;
}

/** Batches that were made in the range, as they are known now. @param now Unix ms. */
export async function readBacktestBatches(
  sql: Sql,
  scope: { upstream: UpstreamScope; range: TimeRange; now: number },
): Promise<BacktestBatches> {
  const { upstream, range, now } = scope;
  const count = (kind: string) =>
    sql`coalesce(jsonb_path_query_first(r.counts, ${`$.${kind} ? (@.type() == "number" && @ < 1000000000)`}::jsonpath)::int, 0)`;
  const rows = await sql<BatchRow[]>`
    select r.model, r.msgbatch_id, r.upstream_created_at, r.ended_at, r.seen_ended_at, r.cancel_requested_at, r.closed_at,
      r.expires_at, ${count('expired')} as expired, ${count('canceled')} as canceled
    from batches r
    where ${ofUpstream(sql, upstream)} and r.created_at >= ${range.from} and r.created_at < ${range.to}
    order by r.created_at desc limit ${MOST_BATCHES}`;
  const turnarounds: BacktestBatches['turnarounds'] = [];
  const doneAt = new Map<string, number>();
  for (const row of rows) {
    const seen = observeBatch(
      {
        upstreamCreatedAt: row.upstream_created_at?.getTime() ?? null,
        upstreamEndedAt: row.ended_at?.getTime() ?? null,
        seenEndedAt: row.seen_ended_at?.getTime() ?? null,
        cancelRequestedAt: row.cancel_requested_at?.getTime() ?? null,
        closedAt: row.closed_at?.getTime() ?? null,
        expiresAt: row.expires_at?.getTime() ?? null,
        expired: row.expired,
        canceled: row.canceled,
      },
      now,
    );
    if (seen) turnarounds.push({ ...seen, model: row.model });
    const closed = row.closed_at ?? row.seen_ended_at;
    if (seen?.ended && row.msgbatch_id !== null && closed) doneAt.set(row.msgbatch_id, closed.getTime());
  }
  return { turnarounds, doneAt };
}

interface BatchRow {
  model: string;
  msgbatch_id: string | null;
  upstream_created_at: Date | null;
  ended_at: Date | null;
  seen_ended_at: Date | null;
  cancel_requested_at: Date | null;
  closed_at: Date | null;
  expires_at: Date | null;
  expired: number;
  canceled: number;
}
