import type { Sql } from 'postgres';
import type { LatencySeriesAnswer } from '@/lib/contract/metrics';
import type { Bucket } from '@/lib/core/time-range';
import { bucketIds, bucketStarts } from './metrics-buckets';
import { ifEnough, type MetricScope, NONE } from './metrics-scope';
import { rawScope, readPlan } from './rollups/read-plan';
import { readTimings } from './rollups/read-timings';

const PERCENTILES = [50, 90, 95, 99] as const;
// A hair less: the product with n, in floating point, may land above a whole rank.
const FRACTIONS = PERCENTILES.map((percentile) => (percentile - 1e-9) / 100);

type Series = LatencySeriesAnswer['buckets'][number]['series'];

/** Percentiles of the successes of each bucket, per model. Every bucket is there; a model without success in it is not. */
export async function readLatencySeries(
  sql: Sql,
  query: MetricScope & { bucket: Bucket; timeZone: string },
): Promise<LatencySeriesAnswer> {
  const starts = bucketStarts(query.range, query.bucket, query.timeZone);
  const rows = await readPercentiles(sql, query, starts);
  const byBucket = new Map<number, [string, Series[string]][]>();
  for (const { bucket, model, n, values } of rows) {
    const entries = byBucket.get(bucket) ?? [];
    const [p50 = null, p90 = null, p95 = null, p99 = null] = PERCENTILES.map((percentile, i) =>
      ifEnough(percentile, n, values[i]),
    );
    entries.push([model ?? NONE, { n, p50, p90, p95, p99 }]);
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
  /** In the order of `PERCENTILES`. */
  values: readonly (number | undefined)[];
}

async function readPercentiles(sql: Sql, query: MetricScope, starts: readonly number[]): Promise<Row[]> {
  const plan = await readPlan(sql, query, starts);
  const timed = await readTimings(sql, query, plan, { timing: 'latency', byLane: false, starts });
  if (timed) {
    return timed.map(({ bucket, model, histogram }) => ({
      bucket,
      model,
      n: histogram.n,
      values: histogram.quantiles(FRACTIONS),
    }));
  }
  return sql<Row[]>`
    select width_bucket(r.id, ${bucketIds(starts)}::uuid[]) as bucket, r.model, count(*)::int as n,
      percentile_disc(${FRACTIONS}::float8[]) within group (order by r.latency_ms) as values
    from requests r
    where ${rawScope(sql, query, plan)} and r.state = 'succeeded' and r.latency_ms is not null
    group by 1, 2`;
}
