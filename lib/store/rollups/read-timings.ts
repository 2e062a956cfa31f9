import type { Sql } from 'postgres';
import { Histogram } from '@/lib/core/histogram';
import type { Lane } from '@/lib/core/request-states';
import type { MetricScope } from '@/lib/store/metrics-scope';
import type { ReadPlan } from './plan-read';
import { cut, cutIds } from './read-money';
import { idsIn, rawScope, rolledScope } from './read-plan';
import { binOfColumn, timed } from './timings';

export interface Timed {
  /** Number of the chart's bucket, from 1 on; 0 without buckets. */
  bucket: number;
  model: string | null;
  lane: Lane | null;
  histogram: Histogram;
}

export interface TimingsAsked {
  timing: 'latency' | 'ttft' | 'queue';
  byLane: boolean;
  /** Starts of the chart's buckets, Unix ms. */
  starts?: readonly number[];
}

/**
 * Distributions by model, each merged from rollups and from raw rows that are in none; `null` when nothing of it is
 * rolled up: then the raw rows tell it exactly.
 */
export async function readTimings(
  sql: Sql,
  scope: MetricScope,
  plan: ReadPlan,
  { timing, byLane, starts }: TimingsAsked,
): Promise<Timed[] | null> {
  const lane = byLane ? sql`r.lane` : sql`null::text`;
  const rolled = await sql<(Group & { bins: Uint8Array })[]>`
    select ${starts ? cut(sql, starts) : sql`0`} as bucket, r.model, ${lane} as lane, string_agg(r.bins, ''::bytea) as bins
    from rollup_timings r where r.measure = ${timing} and ${rolledScope(sql, scope, plan)} group by 1, 2, 3`;
  if (rolled.length === 0) return null;
  const groups = new Map<string, Timed>();
  const histogramOf = ({ bucket, model, lane: of }: Group) => {
    const name = JSON.stringify([bucket, model, of]);
    const known = groups.get(name) ?? { bucket, model, lane: of, histogram: new Histogram() };
    groups.set(name, known);
    return known.histogram;
  };
  for (const { bins, ...group } of rolled) histogramOf(group).addEncoded(bins);
  if (plan.raw.length === 0) return [...groups.values()];
  const lanes = scope.lanes ?? [];
  const source = {
    requests: rawScope(sql, { ...scope, lanes: [] }, plan),
    attempts: idsIn(sql, plan.raw, sql`a.request_id`),
    batches: sql`false`,
  };
  const raw = await sql<(Group & { bins: [bin: number, count: number][] })[]>`
    select bucket, model, lane, json_agg(json_build_array(bin, n)) as bins from (
      select ${starts ? cutIds(sql, starts) : sql`0`} as bucket, r.model, ${lane} as lane,
        ${binOfColumn(sql, sql`r.ms`)} as bin, count(*) as n
      from (${timed(sql, timing, source)}) r
      ${lanes.length > 0 ? sql`where r.lane = any(${[...lanes]}::text[])` : sql``} group by 1, 2, 3, 4) binned
    group by 1, 2, 3`;
  for (const { bins, ...group } of raw) {
    const histogram = histogramOf(group);
    for (const [bin, count] of bins) histogram.add(bin, count);
  }
  return [...groups.values()];
}

type Group = Pick<Timed, 'bucket' | 'model' | 'lane'>;
