import { type DoneCurve, kaplanMeier, stepAt } from './kaplan-meier';
import { effectiveN, HALF_LIVES_MS, LEAST_EFFECTIVE, weighByRecency } from './recency';
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
  /** Unix ms of the newest batch's creation, and of the oldest's. */
  newestAt: number;
  oldestAt: number;
  /** Of those that ended, by duration: the newest creation among those that took no longer. */
  newestEnded: { ms: readonly number[]; at: readonly number[] };
}

/** `null` without any batch in the span. */
export function estimateTurnaround(turnarounds: readonly Turnaround[], now: number): TurnaroundEstimate | null {
  const recent = turnarounds.filter(({ createdAt }) => createdAt > now - ESTIMATE_SPAN_MS);
  if (recent.length === 0) return null;
  const memory = chooseMemory(recent.sort((a, b) => a.ms - b.ms));
  return withBounds({
    ...memory,
    newestAt: recent.reduce((newest, { createdAt }) => Math.max(newest, createdAt), Number.NEGATIVE_INFINITY),
    oldestAt: recent.reduce((oldest, { createdAt }) => Math.min(oldest, createdAt), Number.POSITIVE_INFINITY),
    newestEnded: newestEnded(recent),
  });
}

/** Adds what follows from the curve. */
export function withBounds(known: Omit<TurnaroundEstimate, 'lower' | 'upper'>): TurnaroundEstimate {
  return { ...known, ...bounds(known.curve) };
}

/** @param turnarounds the shortest first. */
function newestEnded(turnarounds: readonly Turnaround[]): TurnaroundEstimate['newestEnded'] {
  const steps = { ms: [] as number[], at: [] as number[] };
  for (const { ms, createdAt, ended } of turnarounds) {
    if (!ended || createdAt <= (steps.at.at(-1) ?? Number.NEGATIVE_INFINITY)) continue;
    steps.ms.push(ms);
    steps.at.push(createdAt);
  }
  return steps;
}

interface Memory {
  curve: DoneCurve;
  halfLifeMs: number;
  nEff: number;
}

/**
 * The shortest half-life that leaves `LEAST_EFFECTIVE` ended batches: of a burst that has only begun nothing is known.
 * Where none leaves enough, the longest.
 */
function chooseMemory(turnarounds: readonly Turnaround[]): Memory {
  for (const halfLifeMs of HALF_LIVES_MS) {
    const observations = weighByRecency(turnarounds, halfLifeMs);
    const nEff = effectiveN(observations);
    if (nEff < LEAST_EFFECTIVE && halfLifeMs !== HALF_LIVES_MS.at(-1)) continue;
    return { curve: rounded(kaplanMeier(observations)), halfLifeMs, nEff: roundTo(nEff, 1e3) };
  }
  throw new Error('no half-life at all');
}

/** Digits that matter to nobody would make every snapshot of the curve a new one. */
function rounded(curve: DoneCurve): DoneCurve {
  return { ...curve, done: curve.done.map((share) => roundTo(share, 1e9)), n: curve.n.map((n) => roundTo(n, 1e3)) };
}

function roundTo(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}

export interface DoneEstimate {
  share: number;
  lower: number;
  upper: number;
  /** Effective number of batches behind the share. */
  n: number;
}

/** Unix ms at which the newest batch was created that ended within `ms`; where none did, the oldest of all. */
export function lastEndedWithin({ newestEnded, oldestAt }: TurnaroundEstimate, ms: number): number {
  return newestEnded.at[stepAt(newestEnded, ms)] ?? oldestAt;
}

/** What is known of the share that ends within `ms`. */
export function estimateDone({ curve, lower, upper }: TurnaroundEstimate, ms: number): DoneEstimate {
  const i = stepAt(curve, ms);
  return { share: curve.done[i] ?? 0, lower: lower[i] ?? 0, upper: upper[i] ?? 1, n: curve.n[i] ?? 0 };
}

/**
 * One-sided bounds at each step's effective number, which has the censoring in it. Below, Greenwood's once so many
 * batches stand behind the share that its normal error is a fair one, else Wilson's: when all of ten came back in time,
 * Greenwood's variance is 0 and its bound 1. Above always Wilson's. What has ended by some ms has ended by any later
 * one, so a lower bound also holds for all that follows, whatever few are left to be seen there.
 */
function bounds({ done, n }: DoneCurve): { lower: number[]; upper: number[] } {
  const both = done.map((share, i) => wilson(share, n[i] ?? 0, Z_BOUND));
  let best = 0;
  const lower = both.map(([low], i) => {
    const [share, of] = [done[i] ?? 0, n[i] ?? 0];
    const isNormal = of >= LEAST_EFFECTIVE && share < 1;
    best = Math.max(best, isNormal ? share - Z_BOUND * Math.sqrt((share * (1 - share)) / of) : low);
    return best;
  });
  return { lower, upper: both.map(([, high]) => high) };
}
