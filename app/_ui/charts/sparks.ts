import type { PageRange } from '@/app/_data/page-range';
import { type Spark, type SparkInput, sparkOf } from '@/lib/core/series/spark';
import { chartWindow } from './chart-window';

type Series<B extends { at: string }> = Pick<SparkInput<B>, 'bucket' | 'buckets'>;

/** Spark lines of one answer over time, each of what is read off its buckets. */
export function sparksOf<B extends { at: string }>(
  range: PageRange,
  { data, dataUpdatedAt }: { data: Series<B> | undefined; dataUpdatedAt: number },
): (read: (bucket: B) => number | null) => Spark | null {
  return (read) => (data ? sparkOf({ ...data, window: chartWindow(range, dataUpdatedAt), read }) : null);
}
