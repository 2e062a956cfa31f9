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
 * The shortest half-life that leaves `LEAST_EFFECTIVE` ended batches (of a burst that has only begun nothing is known);
 * then longer ones as long as they do not contradict any shorter one: nothing has changed, so why forget? (Lepski's way
 * of choosing a bandwidth.) Where no half-life leaves enough, the longest.
 */
function chooseMemory(turnarounds: readonly Turnaround[]): Memory {
  const tried: Memory[] = [];
  for (const halfLifeMs of HALF_LIVES_MS) {
    const observations = weighByRecency(turnarounds, halfLifeMs);
    const nEff = effectiveN(observations);
    if (nEff < LEAST_EFFECTIVE && halfLifeMs !== HALF_LIVES_MS.at(-1)) continue;
    const memory = { curve: rounded(kaplanMeier(observations)), halfLifeMs, nEff: roundTo(nEff, 1e3) };
    if (!tried.every(({ curve }) => agrees(curve, memory.curve))) break;
    tried.push(memory);
  }
  const chosen = tried.at(-1);
  if (!chosen) throw new Error('no half-life at all');
  return chosen;
}

/** Digits that matter to nobody would make every snapshot of the curve a new one. */
function rounded(curve: DoneCurve): DoneCurve {
  return { ...curve, done: curve.done.map((share) => roundTo(share, 1e9)), n: curve.n.map((n) => roundTo(n, 1e3)) };
}

function roundTo(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}

/** Whether the curve of a longer memory stays within the 95 % band of the shorter one's. */
function agrees(short: DoneCurve, long: DoneCurve): boolean {
  let j = -1;
  for (let i = 0; i < short.ms.length; i++) {
    while (j + 1 < long.ms.length && (long.ms[j + 1] ?? 0) <= (short.ms[i] ?? 0)) j++;
    const [low, high] = wilson(short.done[i] ?? 0, short.n[i] ?? 0);
    const share = long.done[j] ?? 0;
    if (share < low || share > high) return false;
  }
  return true;
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
