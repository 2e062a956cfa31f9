import { type DoneCurve, kaplanMeier, stepAt } from './kaplan-meier';
import { weighByRecency } from './recency';
import type { Turnaround } from './turnaround';
import { wilson, Z_BOUND } from './wilson';

/** How far back batches are looked at. */
export const ESTIMATE_SPAN_MS = 14 * 86_400_000;

/** How long a model's batches take now, newer ones weighing more. */
export interface TurnaroundEstimate {
  curve: DoneCurve;
  /** One-sided 95 % bounds of `curve.done`, each by itself. */
  lower: readonly number[];
  upper: readonly number[];
  halfLifeMs: number;
  /** Effective number of ended batches. */
  nEff: number;
  /** Unix ms of the newest batch's creation. */
  newestAt: number;
}

/** `null` without any batch in the span. */
export function estimateTurnaround(turnarounds: readonly Turnaround[], now: number): TurnaroundEstimate | null {
  const recent = turnarounds.filter(({ createdAt }) => createdAt > now - ESTIMATE_SPAN_MS);
  if (recent.length === 0) return null;
  const { observations, halfLifeMs, nEff } = weighByRecency(recent);
  const curve = kaplanMeier(observations);
  return {
    curve,
    ...bounds(curve),
    halfLifeMs,
    nEff,
    newestAt: recent.reduce((newest, { createdAt }) => Math.max(newest, createdAt), Number.NEGATIVE_INFINITY),
  };
}

export interface DoneEstimate {
  share: number;
  lower: number;
  upper: number;
  /** Effective number of batches behind the share. */
  n: number;
}

/** What is known of the share that ends within `ms`. */
export function estimateDone({ curve, lower, upper }: TurnaroundEstimate, ms: number): DoneEstimate {
  const i = stepAt(curve, ms);
  return { share: curve.done[i] ?? 0, lower: lower[i] ?? 0, upper: upper[i] ?? 1, n: curve.n[i] ?? 0 };
}

/**
 * Wilson's bounds at each step's effective number, rather than Greenwood's normal ones: when all of ten batches came
 * back in time, Greenwood's variance is 0 and its bound 1. Censoring is in the number. What has ended by some ms has
 * ended by any later one, so a lower bound also holds for all that follows, whatever few are left to be seen there.
 */
function bounds({ done, n }: DoneCurve): { lower: number[]; upper: number[] } {
  const both = done.map((share, i) => wilson(share, n[i] ?? 0, Z_BOUND));
  let best = 0;
  const lower = both.map(([low]) => {
    best = Math.max(best, low);
    return best;
  });
  return { lower, upper: both.map(([, high]) => high) };
}
