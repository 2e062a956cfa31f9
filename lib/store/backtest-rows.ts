import type { Sql } from 'postgres';
import type { LoggedOutcome } from '@/lib/core/backtest/logged-outcome';
import { observeBatch, type Turnaround } from '@/lib/core/estimate/turnaround';
import { type Uuid, uuidFloor, uuidTime } from '@/lib/core/ids';
import type { Lane, TerminalState } from '@/lib/core/request-states';
import type { TimeRange } from '@/lib/core/time-range';
import type { DecidedRow } from './logged-calls';
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
  cost_pico: number;
  sync_cost_pico: number;
  waste_pico: number;
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
  // As one JSON text: forty columns of a million rows, each parsed by itself, would take longer than all the deciding.
  const [page] = await sql<{ rows: unknown[][] | null }[]>`
    select json_agg(json_build_array(${sql.unsafe(Object.values(PACKED).join(', '))}) order by r.id) as rows from (
    select r.*, k.name as key_name from requests r left join keys k on k.id = r.key_id
    where ${ofUpstream(sql, upstream)} and r.endpoint = 'messages'
      and r.id >= ${uuidFloor(range.from.getTime())}::uuid and r.id < ${uuidFloor(range.to.getTime())}::uuid
      ${after === null ? sql`` : sql`and r.id > ${after}::uuid`}
      and not (r.state = 'refused' and r.opted_out is null)
    order by r.id limit ${limit}) r`;
  return (page?.rows ?? []).map(unpack);
}

/** What of a row is read, by name. Money is below 2^53 for one call. */
const PACKED: Readonly<Record<keyof BacktestRow, string>> = {
  id: 'r.id',
  session_id: 'r.session_id',
  model: 'r.model',
  tolerance_ms: 'r.tolerance_ms',
  key_name: 'r.key_name',
  tags: 'r.tags',
  client: 'r.client',
  agent: 'r.agent',
  stream: 'r.stream',
  input_tokens: 'r.input_tokens',
  max_tokens: 'r.max_tokens',
  has_tools: 'r.has_tools',
  has_thinking: 'r.has_thinking',
  opted_out: 'r.opted_out',
  ineligible: 'r.ineligible',
  lane_down: 'r.lane_down',
  prefix: 'r.prefix',
  header_facts: 'r.header_facts',
  estimate_id: 'r.estimate_id',
  batch_backlog: 'r.batch_backlog',
  sync_p95_ms: 'r.sync_p95_ms',
  spend_today: 'r.spend_today',
  sync_need_ms: 'r.sync_need_ms',
  expected_output: 'r.expected_output',
  patience_ms: 'r.patience_ms',
  spilled: 'r.spilled',
  lane: 'r.lane',
  rule: 'r.rule',
  because: 'r.because',
  served_by: 'r.served_by',
  state: 'r.state',
  error_type: 'r.error_type',
  cost_pico: 'r.cost_pico',
  sync_cost_pico: 'r.sync_cost_pico',
  waste_pico: 'r.waste_pico',
  unpriced: 'r.unpriced',
  latency_ms: 'r.latency_ms',
  batch_id: 'r.batch_id',
  deadline_ms: "round(date_part('epoch', r.deadline_at) * 1000)",
  cache_read: "r.usage ->> 'cache_read_input_tokens'",
  cached_for_hour: "r.usage -> 'cache_creation' ->> 'ephemeral_1h_input_tokens'",
};
const NAMES = Object.keys(PACKED) as (keyof BacktestRow)[];

function unpack(values: readonly unknown[]): BacktestRow {
  const row: Partial<Record<keyof BacktestRow, unknown>> = {};
  for (let i = 0; i < NAMES.length; i++) row[NAMES[i] as keyof BacktestRow] = values[i];
  return row as BacktestRow;
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
    cost: row.cost_pico,
    syncCost: row.sync_cost_pico,
    waste: row.waste_pico,
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
