import { BUCKET_MS, type Bucket } from '@/lib/core/time-range';

/** One step of a time axis: from `at` inclusive to `end` exclusive, Unix ms. */
export interface BucketSpan {
  at: number;
  end: number;
  /** The range or the present cuts it: its counts will still grow, or hold only a part. */
  partial: boolean;
}

export interface Window {
  from: number;
  to: number;
  now: number;
}

/** Ends come from the next bucket's start, so that a day of 23 or 25 hours keeps its length. */
export function bucketSpans(starts: readonly number[], bucket: Bucket, window: Window): BucketSpan[] {
  return starts.map((at, i) => {
    const end = starts[i + 1] ?? at + BUCKET_MS[bucket];
    return { at, end, partial: at < window.from || end > Math.min(window.to, window.now) };
  });
}
