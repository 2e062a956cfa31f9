import type { Sql } from 'postgres';
import type { BatchHistoryAnswer } from '@/lib/contract/batches';
import type { Bucket, TimeRange } from '@/lib/core/time-range';
import { bucketIds, bucketStarts } from './metrics-buckets';
import { inRange, named, ofUpstream, type UpstreamScope } from './request-filter';

/** Lowest number of items of each size: batches differ by orders of magnitude, not by single items. */
const SIZES = [1, 2, 5, 10, 50, 100, 500, 1_000, 10_000];

interface HistoryAsked {
  upstream: UpstreamScope;
  range: TimeRange;
  bucket: Bucket;
  timeZone: string;
  /** A value that ends in `*` is a prefix. */
  models: readonly string[];
}

interface Row {
  bucket: number;
  size: number;
  batches: number;
  void: number;
  items: number;
}

/** Batches per bucket of their making, and by how many items they had. */
export async function readBatchHistory(sql: Sql, asked: HistoryAsked): Promise<BatchHistoryAnswer> {
  const { upstream, range, bucket, timeZone, models } = asked;
  const starts = bucketStarts(range, bucket, timeZone);
  const rows = await sql<Row[]>`
    select width_bucket(b.id, ${bucketIds(starts)}::uuid[]) as bucket, width_bucket(b.items, ${SIZES}::int[]) as size,
      count(*)::int as batches, count(*) filter (where b.state = 'void')::int as void, sum(b.items)::int as items
    from batches b
    where ${ofUpstream(sql, upstream, sql`b.upstream_id`)} and ${inRange(sql, range, sql`b.id`)}
      ${models.length > 0 ? sql`and ${named(sql, sql`b.model`, models)}` : sql``}
    group by 1, 2`;
  const sum = (of: readonly Row[], name: 'batches' | 'void' | 'items') => of.reduce((all, row) => all + row[name], 0);
  return {
    bucket,
    buckets: starts.map((at, i) => {
      const own = rows.filter((row) => row.bucket === i + 1);
      return {
        at: new Date(at).toISOString(),
        batches: sum(own, 'batches'),
        void: sum(own, 'void'),
        items: sum(own, 'items'),
      };
    }),
    sizes: SIZES.map((from, i) => {
      const own = rows.filter(({ size }) => size === i + 1);
      const next = SIZES[i + 1];
      return { from, to: next === undefined ? null : next - 1, batches: sum(own, 'batches'), items: sum(own, 'items') };
    }),
  };
}
