import type { Sql } from 'postgres';
import type { LatencyAnswer } from '@/lib/contract/metrics';
import { doneCdf, kaplanMeier, type Observation } from '@/lib/core/estimate/kaplan-meier';
import { percentile } from '@/lib/core/estimate/percentile';
import type { MetricScope } from './metrics-scope';
import { type Fragment, ofUpstream } from './request-filter';

type LatencyRow = LatencyAnswer['rows'][number];

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
  const rows = await sql<{ model: string; seen: [ms: number, ended: boolean, running: boolean, count: number][] }[]>`
    select model, json_agg(json_build_array(ms, ended, running, count)) as seen
    from (
      select model, ${threeDigits(sql)} as ms, ended, running, count(*) as count
      from (${observed(sql, scope, now)} offset 0) observed
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

/** Three digits of a duration `ms` are within half a percent, and make few rows of many batches. */
function threeDigits(sql: Sql): Fragment {
  const step = sql`greatest(1, 10 ^ (floor(log(greatest(1, ms))) - 2))`;
  return sql`round(ms / ${step}) * ${step}`;
}

/**
 * Batches that upstream created in the scope's range, as `observeBatch` sees them: `model, msgbatch_id, items,
 * upstream_created_at, ended_at, ms, ended, running`. All but the second are in one index.
 * @param now until when running ones are known to run; `null`: Postgres' own time.
 */
export function observed(sql: Sql, { upstream, range, models = [] }: MetricScope, now: Date | null): Fragment {
  const age = sql`date_part('epoch', coalesce(${now}::timestamptz, now()) - r.upstream_created_at) * 1000`;
  return sql`
    select r.model, r.msgbatch_id, r.items, r.upstream_created_at, r.ended_at, r.ended_itself as ended,
      greatest(0, round(case when r.ended_at is null then least(r.turnaround_ms, ${age}) else r.turnaround_ms end)) as ms,
      r.ended_at is null and r.closed_at is null as running
    from batches r
    where ${ofUpstream(sql, upstream)} and r.upstream_created_at >= ${range.from} and r.upstream_created_at < ${range.to}
      ${models.length > 0 ? sql`and r.model = any(${[...models]}::text[])` : sql``}`;
}
