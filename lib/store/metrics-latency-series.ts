import type { Sql } from 'postgres';
import type { LatencySeriesAnswer } from '@/lib/contract/metrics';
import type { Bucket } from '@/lib/core/time-range';
import { bucketIds, bucketStarts } from './metrics-buckets';
import { ifEnough, type MetricScope, NONE } from './metrics-scope';
import { rawScope, readPlan } from './rollups/read-plan';
import { readTimings } from './rollups/read-timings';

type Series = LatencySeriesAnswer['buckets'][number]['series'];

/** p50 and p95 of the successes of each bucket, per model. Every bucket is there; a model without success in it is not. */
export async function readLatencySeries(
  sql: Sql,
  query: MetricScope & { bucket: Bucket; timeZone: string },
): Promise<LatencySeriesAnswer> {
  const starts = bucketStarts(query.range, query.bucket, query.timeZone);
  const rows = await readPercentiles(sql, query, starts);
  const byBucket = new Map<number, [string, Series[string]][]>();
  for (const { bucket, model, n, p50, p95 } of rows) {
    const entries = byBucket.get(bucket) ?? [];
    entries.push([model ?? NONE, { n, p50: ifEnough(50, n, p50), p95: ifEnough(95, n, p95) }]);
    byBucket.set(bucket, entries);
  }
  return {
    bucket: query.bucket,
    buckets: starts.map((at, i) => ({
      at: new Date(at).toISOString(),
      series: Object.fromEntries(byBucket.get(i + 1) ?? []),
    })),
  };
}

interface Row {
  bucket: number;
  model: string | null;
  n: number;
  p50: number | undefined;
  p95: number | undefined;
}

async function readPercentiles(sql: Sql, query: MetricScope, starts: readonly number[]): Promise<Row[]> {
  const plan = await readPlan(sql, query, starts);
  const timed = await readTimings(sql, query, plan, { timing: 'latency', byLane: false, starts });
  if (timed) {
    return timed.map(({ bucket, model, histogram }) => {
      const [p50, p95] = histogram.quantiles([0.5, 0.95]);
      return { bucket, model, n: histogram.n, p50, p95 };
    });
  }
  return sql<Row[]>`
    select width_bucket(r.id, ${bucketIds(starts)}::uuid[]) as bucket, r.model, count(*)::int as n,
      percentile_disc(0.5) within group (order by r.latency_ms) as p50,
      percentile_disc(0.95) within group (order by r.latency_ms) as p95
    from requests r
    where ${rawScope(sql, query, plan)} and r.state = 'succeeded' and r.latency_ms is not null
    group by 1, 2`;
}
