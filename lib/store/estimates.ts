import type { Sql } from 'postgres';
import { doneBy } from '@/lib/core/estimate/kaplan-meier';
import type { ModelEstimate } from '@/lib/core/estimate/model-estimate';
import { percentile, quantile } from '@/lib/core/estimate/percentile';
import { observeBatch, type Turnaround } from '@/lib/core/estimate/turnaround';
import { ESTIMATE_SPAN_MS, estimateTurnaround, type TurnaroundEstimate } from '@/lib/core/estimate/turnaround-estimate';
import { NO_CALLS, readMeasuredCalls } from './measured-calls';
import { SpendToday } from './spend-today';

/** Newest batches that are looked at: of all models, and of each. Older ones would weigh next to nothing. */
const MOST_BATCHES = 5_000;
const MOST_PER_MODEL = 500;
const LEAST_FOR_LIKELY_END = 5;
const LEAST_FOR_LAG = 10;

export interface EstimateOptions {
  /** IANA name: in it the day of `spendToday` begins. */
  timeZone?: string;
  /** Kept by the caller, so that a long day is not summed up anew each time. */
  spend?: SpendToday;
}

/** An estimate that is not stored yet. */
export type FreshEstimate = Omit<ModelEstimate, 'snapshotId'>;

/**
 * What was measured of each model, as it could be known at `now`. Every statement has a bound in time and rows, except
 * the day's spend, which `SpendToday` paces.
 * @param now Unix ms; earlier moments give what was known then (but for the backlog, which is always today's).
 */
export async function loadEstimates(
  sql: Sql,
  upstreamId: number,
  now: number,
  options: EstimateOptions = {},
): Promise<Map<string, FreshEstimate>> {
  const { timeZone = 'UTC', spend = new SpendToday(sql, upstreamId, () => 0) } = options;
  const [batches, backlog, calls, spent] = await Promise.all([
    readBatches(sql, upstreamId, now),
    readBacklog(sql, upstreamId),
    readMeasuredCalls(sql, upstreamId, now),
    spend.read(now, timeZone),
  ]);
  const models = new Set([...batches.keys(), ...backlog.keys(), ...calls.keys(), ...spent.keys()]);
  const estimates = [...models].map((model): [string, FreshEstimate] => [
    model,
    {
      ...ofBatches(batches.get(model) ?? [], now),
      ...(calls.get(model) ?? NO_CALLS),
      batchBacklog: backlog.get(model) ?? 0,
      spendToday: spent.get(model) ?? 0,
    },
  ]);
  return new Map(estimates);
}

type Ms = number | null;
/** Unix ms of a batch's life, `null` where it has not happened; how many items expired and were canceled. */
type BatchTuple = [
  created: Ms,
  ended: Ms,
  seenEnded: Ms,
  cancelRequested: Ms,
  closed: Ms,
  expires: Ms,
  expired: number,
  canceled: number,
  claimed: number,
];

async function readBatches(sql: Sql, upstreamId: number, now: number): Promise<Map<string, BatchTuple[]>> {
  const ms = (column: string) => sql`floor(date_part('epoch', ${sql(column)}) * 1000 + 0.5)`;
  const count = (kind: string) =>
    sql`coalesce(jsonb_path_query_first(counts, ${`$.${kind} ? (@.type() == "number" && @ < 1000000000)`}::jsonpath)::int, 0)`;
  const rows = await sql<{ model: string; batches: BatchTuple[] }[]>`
    select model, json_agg(json_build_array(${ms('upstream_created_at')}, ${ms('ended_at')}, ${ms('seen_ended_at')},
      ${ms('cancel_requested_at')}, ${ms('closed_at')}, ${ms('expires_at')}, expired, canceled, ${ms('created_at')})) as batches
    from (
      select *, row_number() over (partition by model order by created_at desc) as nth from (
        select model, created_at, upstream_created_at, ended_at, seen_ended_at, cancel_requested_at, closed_at, expires_at,
          ${count('expired')} as expired, ${count('canceled')} as canceled
        from batches
        where upstream_id = ${upstreamId} and created_at > ${new Date(now - ESTIMATE_SPAN_MS)}
          and created_at <= ${new Date(now)}
        order by created_at desc limit ${MOST_BATCHES}
      ) newest
      where upstream_created_at is not null
    ) numbered
    where nth <= ${MOST_PER_MODEL}
    group by model`;
  return new Map(rows.map(({ model, batches }) => [model, batches]));
}

async function readBacklog(sql: Sql, upstreamId: number): Promise<Map<string, number>> {
  const rows = await sql<{ model: string; waiting: number }[]>`
    select model, count(*)::int as waiting from items where upstream_id = ${upstreamId} and state <> 'done' group by model`;
  return new Map(rows.map(({ model, waiting }) => [model, waiting]));
}

function ofBatches(batches: readonly BatchTuple[], now: number) {
  const turnarounds: Turnaround[] = [];
  const createLags: number[] = [];
  const collectLags: number[] = [];
  for (const [created, ended, seenEnded, cancelRequested, closed, expires, expired, canceled, claimed] of batches) {
    const seen = observeBatch(
      {
        upstreamCreatedAt: created,
        upstreamEndedAt: ended,
        seenEndedAt: seenEnded,
        cancelRequestedAt: cancelRequested,
        closedAt: closed,
        expiresAt: expires,
        expired,
        canceled,
      },
      now,
    );
    if (seen === null) continue;
    turnarounds.push(seen);
    createLags.push(seen.createdAt - claimed);
    if (seen.ended && closed !== null && closed <= now) collectLags.push(closed - (seen.createdAt + seen.ms));
  }
  const turnaround = estimateTurnaround(turnarounds, now);
  return {
    turnaround,
    batchP50: turnaround && percentile(turnaround.curve, 50),
    batchP90: turnaround && percentile(turnaround.curve, 90),
    batchP95: turnaround && percentile(turnaround.curve, 95),
    batchSamples: turnarounds.filter(({ ended }) => ended).length,
    likelyEnd: turnaround && likelyEnd(turnaround),
    createLagMs: p90(createLags),
    collectLagMs: p90(collectLags),
  };
}

/** From p5 to p95; where running batches hide p95, to the latest end that was seen. */
function likelyEnd({ curve }: TurnaroundEstimate): ModelEstimate['likelyEnd'] {
  const longest = curve.ms.findLast((ms) => doneBy(curve, ms) > 0);
  const from = quantile(curve, 0.05);
  if (curve.ended < LEAST_FOR_LIKELY_END || from === null || longest === undefined) return null;
  return { from, to: quantile(curve, 0.95) ?? longest };
}

function p90(values: number[]): number | null {
  if (values.length < LEAST_FOR_LAG) return null;
  values.sort((a, b) => a - b);
  return values[Math.ceil(0.9 * values.length - 1e-9) - 1] ?? null;
}
