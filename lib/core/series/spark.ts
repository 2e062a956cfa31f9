import { BUCKET_MS, type Bucket } from '@/lib/core/time-range';
import { bucketSpans, type Window } from './buckets';

/** A line without axes: `null` is a gap. Places are shares of the width and height, from the upper left. */
export interface Spark {
  /** Runs of complete buckets. */
  lines: readonly (readonly (readonly [x: number, y: number])[])[];
  /** From the last complete bucket to one that the present cuts: it will still move. */
  open: readonly (readonly [x: number, y: number])[];
}

export interface SparkInput<B extends { at: string }> {
  bucket: Bucket;
  buckets: readonly B[];
  window: Window;
  read: (bucket: B) => number | null;
}

/** Zero is always within the line's height, so that a small change does not look like a large one. `null`: nothing to draw. */
export function sparkOf<B extends { at: string }>({ bucket, buckets, window, read }: SparkInput<B>): Spark | null {
  const starts = buckets.map(({ at }) => Date.parse(at));
  const spans = bucketSpans(starts, bucket, window);
  const values = buckets.map(read);
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return null;
  const [low, high] = [Math.min(0, ...known), Math.max(0, ...known)];
  const [first = 0] = starts;
  const length = (starts.at(-1) ?? first) - first || BUCKET_MS[bucket];
  const lines: [number, number][][] = [[]];
  let open: [number, number][] = [];
  for (const [i, value] of values.entries()) {
    if (value === null) {
      lines.push([]);
      continue;
    }
    const y = high > low ? (high - value) / (high - low) : 1;
    const place: [number, number] = [((starts[i] ?? first) - first) / length, y];
    const isOpen = i === values.length - 1 && spans[i]?.partial === true;
    const before = lines.at(-1)?.at(-1);
    if (!isOpen) lines.at(-1)?.push(place);
    else if (before) open = [before, place];
  }
  return { lines: lines.filter((line) => line.length > 0), open };
}
