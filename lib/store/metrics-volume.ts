import type { Sql } from 'postgres';
import type { VolumeAnswer } from '@/lib/contract/metrics';
import type { Bucket } from '@/lib/core/time-range';
import { bucketIds, bucketStarts } from './metrics-buckets';
import { inScope, isError, type MetricScope } from './metrics-scope';

/** Requests per bucket, and how many of them ended failed, refused or interrupted. Every bucket of the range is there. */
export async function readVolume(
  sql: Sql,
  query: MetricScope & { bucket: Bucket; timeZone: string },
): Promise<VolumeAnswer> {
  const starts = bucketStarts(query.range, query.bucket, query.timeZone);
  const rows = await sql<{ bucket: number; requests: number; errors: number }[]>`
    select width_bucket(r.id, ${bucketIds(starts)}::uuid[]) as bucket, count(*)::int as requests,
      (count(*) filter (where ${isError(sql)}))::int as errors
    from requests r where ${inScope(sql, query)} group by 1`;
  const byBucket = new Map(rows.map(({ bucket, ...counts }) => [bucket, counts]));
  return {
    bucket: query.bucket,
    buckets: starts.map((at, i) => ({
      at: new Date(at).toISOString(),
      ...(byBucket.get(i + 1) ?? { requests: 0, errors: 0 }),
    })),
  };
}
