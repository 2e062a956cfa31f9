import type { Sql } from 'postgres';
import type {
  Measured,
  TurnaroundHoursAnswer,
  TurnaroundSeriesAnswer,
  TurnaroundSizesAnswer,
} from '@/lib/contract/turnaround-metrics';
import { kaplanMeier } from '@/lib/core/estimate/kaplan-meier';
import { percentile } from '@/lib/core/estimate/percentile';
import type { Bucket } from '@/lib/core/time-range';
import { bucketStarts } from './metrics-buckets';
import type { MetricScope } from './metrics-scope';
import { observed, threeDigits } from './metrics-turnaround';
import type { Fragment } from './request-filter';

/** Least number of items of each class. */
const SIZES = [1, 2, 11, 101, 1_001] as const;

/** Per bucket of upstream's `created_at`. Every bucket is there; a model without a batch in it is not. */
export async function readTurnaroundSeries(
  sql: Sql,
  query: MetricScope & { bucket: Bucket; timeZone: string },
  now: Date | null = null,
): Promise<TurnaroundSeriesAnswer> {
  const starts = bucketStarts(query.range, query.bucket, query.timeZone);
  const cut = sql`width_bucket(date_part('epoch', upstream_created_at) * 1000, ${starts}::float8[]) - 1`;
  const cuts = await readCuts(sql, query, cut, now);
  return {
    bucket: query.bucket,
    buckets: starts.map((at, i) => ({ at: new Date(at).toISOString(), series: cuts.get(i) ?? {} })),
  };
}

/** Per hour of the day in the zone, whatever the day. */
export async function readTurnaroundHours(
  sql: Sql,
  scope: MetricScope,
  timeZone: string,
  now: Date | null = null,
): Promise<TurnaroundHoursAnswer> {
  const cut = sql`extract(hour from upstream_created_at at time zone ${timeZone})::int`;
  const cuts = await readCuts(sql, scope, cut, now);
  return { hours: Array.from({ length: 24 }, (_, hour) => ({ hour, series: cuts.get(hour) ?? {} })) };
}

export async function readTurnaroundSizes(
  sql: Sql,
  scope: MetricScope,
  now: Date | null = null,
): Promise<TurnaroundSizesAnswer> {
  const cuts = await readCuts(sql, scope, sql`width_bucket(items, ${[...SIZES]}::int[]) - 1`, now);
  return {
    sizes: SIZES.map((from, i) => {
      const next = SIZES[i + 1];
      return { from, to: next === undefined ? null : next - 1, series: cuts.get(i) ?? {} };
    }),
  };
}

type Seen = [ms: number, ended: boolean, running: boolean, count: number];

async function readCuts(
  sql: Sql,
  scope: MetricScope,
  cut: Fragment,
  now: Date | null,
): Promise<Map<number, Record<string, Measured>>> {
  const rows = await sql<{ cut: number; model: string; seen: Seen[] }[]>`
    select cut, model, json_agg(json_build_array(ms, ended, running, count)) as seen
    from (
      select ${cut} as cut, model, ${threeDigits(sql)} as ms, ended, running, count(*) as count
      from (${observed(sql, scope, now)} offset 0) observed
      group by 1, 2, 3, 4, 5
    ) grouped
    group by cut, model order by cut, model`;
  const cuts = new Map<number, [string, Measured][]>();
  for (const row of rows) cuts.set(row.cut, [...(cuts.get(row.cut) ?? []), [row.model, measured(row.seen)]]);
  // Names come from callers: `fromEntries` defines what an assignment might not.
  return new Map([...cuts].map(([index, entries]) => [index, Object.fromEntries(entries)]));
}

function measured(seen: readonly Seen[]): Measured {
  const curve = kaplanMeier(seen.map(([ms, ended, , count]) => ({ ms, ended, weight: 1, count })));
  return {
    n: curve.ended,
    pending: seen.reduce((sum, [, , running, count]) => sum + (running ? count : 0), 0),
    p50: percentile(curve, 50),
    p90: percentile(curve, 90),
    p95: percentile(curve, 95),
    p99: percentile(curve, 99),
  };
}
