import type { ValueAxis } from './axis';
import { durationAxis } from './duration-axis';

interface Row {
  model: string;
  price: { inputUsd: string; outputUsd: string } | null;
  turnaround: { n: number; p50: number | null; low: number | null; high: number | null };
}

export interface Interval {
  model: string;
  n: number;
  p50: number;
  low: number;
  /** `null`: the interval is open to the right. */
  high: number | null;
}

export interface IntervalChart {
  rows: readonly Interval[];
  x: ValueAxis;
}

/** Median turnarounds with their 95 % intervals, the cheapest model first: what the verdict on price rests on. */
export function intervalChart(rows: readonly Row[]): IntervalChart {
  const price = ({ price: list }: Row) =>
    list ? Number(list.inputUsd) + Number(list.outputUsd) : Number.POSITIVE_INFINITY;
  const measured = [...rows]
    .sort((a, b) => price(a) - price(b) || (a.model < b.model ? -1 : 1))
    .flatMap(({ model, turnaround: { n, p50, low, high } }) =>
      p50 === null ? [] : [{ model, n, p50, low: low ?? p50, high }],
    );
  const ends = measured.flatMap(({ low, high, p50 }) => [low, high ?? p50]);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  return {
    rows: measured,
    x: durationAxis(ends, ends.length > 0 && least > 0 ? [least, most] : [60_000, 3_600_000]),
  };
}
