import type { Sql } from 'postgres';
import type { LaneVolumeAnswer } from '@/lib/contract/metrics';
import type { Bucket } from '@/lib/core/time-range';
import { bucketStarts } from './metrics-buckets';
import type { MetricScope } from './metrics-scope';
import { moneyRows } from './rollups/read-money';
import { readPlan } from './rollups/read-plan';

const NOTHING = { requests: 0, errors: 0, batched: 0, deadlines: 0, inTime: 0 };

/** Requests per bucket, and how many of them ended failed, refused or interrupted. Every bucket of the range is there. */
export async function readVolume(
  sql: Sql,
  query: MetricScope & { bucket: Bucket; timeZone: string },
): Promise<LaneVolumeAnswer> {
  const starts = bucketStarts(query.range, query.bucket, query.timeZone);
  const plan = await readPlan(sql, query, starts);
  const sums = moneyRows(sql, query, plan, {
    by: ['bucket', 'lane'],
    sums: ['requests', 'failed', 'refused', 'interrupted', 'deadlines', 'in_time'],
    starts,
  });
  const rows = await sql<(typeof NOTHING & { bucket: number })[]>`
    select bucket, sum(requests)::float8 as requests, sum(failed + refused + interrupted)::float8 as errors,
      coalesce(sum(requests) filter (where lane = 'batch'), 0)::float8 as batched,
      sum(deadlines)::float8 as deadlines, sum(in_time)::float8 as "inTime"
    from (${sums}) sums group by 1`;
  const byBucket = new Map(rows.map(({ bucket, ...counts }) => [bucket, counts]));
  return {
    bucket: query.bucket,
    buckets: starts.map((at, i) => ({
      at: new Date(at).toISOString(),
      ...(byBucket.get(i + 1) ?? NOTHING),
    })),
  };
}
