import type { DoneCurve } from './kaplan-meier';

/** Below these numbers of ended batches a percentile says more about chance than about the API. */
const LEAST_ENDED = { 50: 5, 90: 10, 95: 20, 99: 100 } as const;

/** ms within which that share has ended; `null` when too few have, or when the curve does not get there. */
export function percentile(curve: DoneCurve, percent: 50 | 90 | 95 | 99): number | null {
  return curve.ended < LEAST_ENDED[percent] ? null : quantile(curve, percent / 100);
}

/** Nearest rank of ascending values; `null` when they are too few to tell. */
export function nearestRank(sorted: ArrayLike<number>, percent: keyof typeof LEAST_ENDED): number | null {
  if (sorted.length < LEAST_ENDED[percent]) return null;
  return sorted[Math.ceil((percent / 100) * sorted.length - 1e-9) - 1] ?? null;
}

/** The shortest ms within which `share` has ended: nearest rank, where nothing is censored. `null`: it never does. */
export function quantile({ ms, done }: DoneCurve, share: number): number | null {
  let low = 0;
  let high = ms.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    // A hair of slack: the product limit reaches k/n only up to rounding.
    if ((done[middle] ?? 0) < share - 1e-9) low = middle + 1;
    else high = middle;
  }
  return ms[low] ?? null;
}
