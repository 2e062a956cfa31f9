import type { Sql } from 'postgres';
import type { LatencySeriesAnswer } from '@/lib/contract/metrics';
import type { Bucket } from '@/lib/core/time-range';
import { bucketIds, bucketStarts } from './metrics-buckets';
import { ifEnough, inScope, type MetricScope, NONE } from './metrics-scope';

type Series = LatencySeriesAnswer['buckets'][number]['series'];

/** p50 and p95 of the successes of each bucket, per model. Every bucket is there; a model without success in it is not. */
export async function readLatencySeries(
  sql: Sql,
  query: MetricScope & { bucket: Bucket; timeZone: string },
): Promise<LatencySeriesAnswer> {
  const starts = bucketStarts(query.range, query.bucket, query.timeZone);
  const rows = await sql<{ bucket: number; model: string | null; n: number; p50: number; p95: number }[]>`
    select width_bucket(r.id, ${bucketIds(starts)}::uuid[]) as bucket, r.model, count(*)::int as n,
      percentile_disc(0.5) within group (order by r.latency_ms) as p50,
      percentile_disc(0.95) within group (order by r.latency_ms) as p95
    from requests r
    where ${inScope(sql, query)} and r.state = 'succeeded' and r.latency_ms is not null
    group by 1, 2`;
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
