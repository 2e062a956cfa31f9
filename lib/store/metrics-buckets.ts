import { ApiError } from '@/lib/core/errors';
import { uuidFloor } from '@/lib/core/ids';
import { BUCKET_MS, type Bucket, parseMoment, type TimeRange, zoneOffsetMinutes } from '@/lib/core/time-range';

/** A chart cannot show more, and every bucket costs a lookup per row. */
const MOST_BUCKETS = 1_500;
const DAY_AND_A_HALF_MS = 36 * 3_600_000;

/**
 * Starts of all buckets that the range touches, Unix ms. Days are the zone's own, so they may last 23 or 25 hours; finer
 * buckets count from its midnight, those of six hours by its wall clock.
 * @throws ApiError `invalid_request_error` when the bucket is too fine for the range.
 */
export function bucketStarts(range: TimeRange, bucket: Bucket, timeZone: string): number[] {
  const [from, to] = [range.from.getTime(), range.to.getTime()];
  if ((to - from) / BUCKET_MS[bucket] > MOST_BUCKETS) {
    throw new ApiError('invalid_request_error', `bucket: the range has more than ${MOST_BUCKETS} buckets of ${bucket}`);
  }
  const starts: number[] = [];
  for (let midnight = dayStart(from, timeZone); midnight < to; ) {
    const next = dayStart(midnight + DAY_AND_A_HALF_MS, timeZone);
    for (const start of startsOfDay(midnight, next, bucket, timeZone)) if (start < to) starts.push(start);
    midnight = next;
  }
  const first = starts.findLastIndex((start) => start <= from);
  return starts.slice(Math.max(0, first));
}

/** What Postgres' `width_bucket` cuts ids by: 1 is the first bucket. */
export function bucketIds(starts: readonly number[]): string[] {
  return starts.map(uuidFloor);
}

function startsOfDay(midnight: number, next: number, bucket: Bucket, timeZone: string): number[] {
  if (bucket === '1d') return [midnight];
  const starts: number[] = [];
  for (let start = midnight; start < next; start += BUCKET_MS[bucket]) starts.push(start);
  // The zone's offset is costly to ask for, and matters only on the days on which it changes.
  if (bucket !== '6h' || next - midnight === BUCKET_MS['1d']) return starts;
  const offset = zoneOffsetMinutes(midnight, timeZone);
  return starts
    .map((start) => start + (offset - zoneOffsetMinutes(start, timeZone)) * 60_000)
    .filter((start) => start < next);
}

function dayStart(atMs: number, timeZone: string): number {
  return parseMoment('now/d', new Date(atMs), timeZone)?.getTime() ?? atMs;
}
