import type { Sql } from 'postgres';
import type {
  Measured,
  TurnaroundHoursAnswer,
  TurnaroundSeriesAnswer,
  TurnaroundSizesAnswer,
} from '@/lib/contract/turnaround-metrics';
import { kaplanMeier, type Observation } from '@/lib/core/estimate/kaplan-meier';
import { percentile } from '@/lib/core/estimate/percentile';
import type { Bucket } from '@/lib/core/time-range';
import { bucketStarts } from './metrics-buckets';
import type { MetricScope } from './metrics-scope';
import { observed } from './metrics-turnaround';
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

/** More than any batch is watched, in ms: four times it fits 32 bits. */
const LONGEST_MS = 500_000_000;
const ENDED = 2;
const RUNNING = 1;

async function readCuts(
  sql: Sql,
  scope: MetricScope,
  cut: Fragment,
  now: Date | null,
): Promise<Map<number, Record<string, Measured>>> {
  // One number a batch: as rows, or as JSON, a hundred thousand of them would take most of a second.
  const rows = await sql<{ cut: number; model: string; seen: Buffer }[]>`
    select ${cut} as cut, model, string_agg(int4send(
      (least(ms, ${LONGEST_MS}) * 4 + case when ended then ${ENDED} else 0 end + case when running then ${RUNNING} else 0 end)::int4
    ), ''::bytea) as seen
    from (${observed(sql, scope, now)} offset 0) observed
    group by 1, 2 order by 1, 2`;
  const cuts = new Map<number, [string, Measured][]>();
  for (const row of rows) cuts.set(row.cut, [...(cuts.get(row.cut) ?? []), [row.model, measured(row.seen)]]);
  // Names come from callers: `fromEntries` defines what an assignment might not.
  return new Map([...cuts].map(([index, entries]) => [index, Object.fromEntries(entries)]));
}

function measured(seen: Buffer): Measured {
  const observations: Observation[] = [];
  let pending = 0;
  for (let at = 0; at < seen.length; at += 4) {
    const code = seen.readInt32BE(at);
    observations.push({ ms: code >> 2, ended: (code & ENDED) !== 0, weight: 1 });
    pending += code & RUNNING;
  }
  const curve = kaplanMeier(observations);
  return {
    n: curve.ended,
    pending,
    p50: percentile(curve, 50),
    p90: percentile(curve, 90),
    p95: percentile(curve, 95),
    p99: percentile(curve, 99),
  };
}
