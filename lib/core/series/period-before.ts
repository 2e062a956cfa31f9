/** Buckets of the period of the same length right before. */
export interface PeriodBefore<B extends { at: string }> {
  buckets: readonly B[];
  lengthMs: number;
}

/** What stood a period before a span: found by time, not by place, for days may have 23 or 25 hours. */
export function bucketBefore<B extends { at: string }>(
  { buckets, lengthMs }: PeriodBefore<B>,
  at: number,
  end: number,
): B | undefined {
  const middle = (at + end) / 2 - lengthMs;
  return buckets.findLast((bucket) => Date.parse(bucket.at) <= middle);
}
