import type { Sql } from 'postgres';
import type { LatencyAnswer } from '@/lib/contract/metrics';
import { doneCdf, kaplanMeier, type Observation } from '@/lib/core/estimate/kaplan-meier';
import { percentile } from '@/lib/core/estimate/percentile';
import type { MetricScope } from './metrics-scope';
import { type Fragment, ofUpstream } from './request-filter';

type LatencyRow = LatencyAnswer['rows'][number];

/** Upstream's `created_at` lies within this of the moment at which we claimed a batch's items; the index is on that. */
export const CLAIMED_WITHIN = '2 hours';

export function hasBatchLane({ lanes = [] }: MetricScope): boolean {
  return lanes.length === 0 || lanes.includes('batch');
}

/**
 * Turnaround of the batches that upstream created in the range: Kaplan and Meier over batches, running ones censored at
 * their age. `n` counts those that ended by themselves, `pending` those that run.
 * @param now `null`: Postgres' own time.
 */
export async function readTurnaround(sql: Sql, scope: MetricScope, now: Date | null): Promise<LatencyRow[]> {
  if (!hasBatchLane(scope)) return [];
  const { upstream, range, models = [] } = scope;
  const rows = await sql<{ model: string; seen: [ms: number, ended: boolean, running: boolean, count: number][] }[]>`
    select model, json_agg(json_build_array(ms, ended, running, count)) as seen
    from (
      select model, ${threeDigits(sql)} as ms, ended, running, count(*) as count
      from (
        select model, ended, running, ${wholeMs(sql)} as ms
        from (${observed(sql, now)}
          where ${ofUpstream(sql, upstream)}
            and r.created_at >= ${range.from}::timestamptz - ${CLAIMED_WITHIN}::interval
            and r.created_at < ${range.to}::timestamptz + ${CLAIMED_WITHIN}::interval
            and r.upstream_created_at >= ${range.from} and r.upstream_created_at < ${range.to}
            ${models.length > 0 ? sql`and r.model = any(${[...models]}::text[])` : sql``}
          offset 0
        ) observed offset 0
      ) timed
      group by 1, 2, 3, 4
    ) grouped
    group by model order by sum(count) filter (where ended) desc nulls last, model`;
  return rows.map(({ model, seen }) => {
    const curve = kaplanMeier(seen.map(([ms, ended, , count]): Observation => ({ ms, ended, weight: 1, count })));
    return {
      model,
      lane: 'batch',
      measure: 'turnaround',
      n: curve.ended,
      pending: seen.reduce((sum, [, , running, count]) => sum + (running ? count : 0), 0),
      p50: percentile(curve, 50),
      p90: percentile(curve, 90),
      p95: percentile(curve, 95),
      p99: percentile(curve, 99),
      cdf: doneCdf(curve),
    };
  });
}

/** Of `observed`: how long it took, or has taken. In floating point: decimals of this many batches take a second. */
export function wholeMs(sql: Sql): Fragment {
  return sql`greatest(0, round(date_part('epoch', until - upstream_created_at) * 1000))`;
}

/** Three digits of a duration `ms` are within half a percent, and make few rows of many batches. */
export function threeDigits(sql: Sql): Fragment {
  const step = sql`greatest(1, 10 ^ (floor(log(greatest(1, ms))) - 2))`;
  return sql`round(ms / ${step}) * ${step}`;
}

/** `observeBatch` (lib/core/estimate) as SQL, so that Postgres can count what is alike; a test holds them together. */
export function observed(sql: Sql, now: Date | null): Fragment {
  const count = (kind: string) =>
    sql`(case when jsonb_typeof(r.counts -> ${kind}) = 'number' then (r.counts -> ${kind})::float8 else 0 end)`;
  const expiry = sql`coalesce(r.expires_at, r.upstream_created_at + interval '24 hours')`;
  const nowOrGiven = sql`coalesce(${now}::timestamptz, now())`;
  return sql`
    select r.model, r.msgbatch_id, r.items, r.upstream_created_at, r.ended_at,
      case
        when r.ended_at is null then least(r.cancel_requested_at, r.closed_at, ${nowOrGiven}, ${expiry})
        when ${count('expired')} > 0 then ${expiry}
        else least(r.ended_at, r.cancel_requested_at)
      end as until,
      r.ended_at is not null and ${count('expired')} = 0 and ${count('canceled')} = 0
        and coalesce(r.cancel_requested_at >= r.ended_at, true) as ended,
      r.ended_at is null and r.closed_at is null as running
    from batches r`;
}
