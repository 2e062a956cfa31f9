import type { Observation } from './kaplan-meier';
import type { Turnaround } from './turnaround';

const MINUTE_MS = 60_000;
/** Shortest first. */
export const HALF_LIVES_MS = [15 * MINUTE_MS, 60 * MINUTE_MS, 360 * MINUTE_MS, 1_440 * MINUTE_MS] as const;
/** Effective number of ended batches that a half-life must leave. */
export const LEAST_EFFECTIVE = 30;
/** What weighs less than this beside the newest is left out: it changes no digit that matters. */
const LEAST_WEIGHT = 1e-4;

export interface Weighted {
  observations: Observation[];
  halfLifeMs: number;
  /** Kish's, of the ended ones. */
  nEff: number;
}

/** Kish's effective number of observations with these weights: (Σw)²/Σw². */
export function effectiveN(weights: readonly number[]): number {
  let sum = 0;
  let squares = 0;
  for (const weight of weights) {
    sum += weight;
    squares += weight * weight;
  }
  return squares > 0 ? (sum * sum) / squares : 0;
}

/**
 * Weighs batches by how new they are, with the shortest half-life that leaves `LEAST_EFFECTIVE`; where none does, with
 * the longest. By `createdAt`, not by their end: weights that knew how long a batch took would favour the quick ones. It
 * is the ended ones that count: a burst of batches that has only begun says nothing yet.
 */
export function weighByRecency(turnarounds: readonly Turnaround[]): Weighted {
  const newestAt = turnarounds.reduce((newest, { createdAt }) => Math.max(newest, createdAt), Number.NEGATIVE_INFINITY);
  for (const halfLifeMs of HALF_LIVES_MS) {
    const observations: Observation[] = [];
    for (const { createdAt, ms, ended } of turnarounds) {
      const weight = 2 ** ((createdAt - newestAt) / halfLifeMs);
      if (weight >= LEAST_WEIGHT) observations.push({ ms, ended, weight });
    }
    const nEff = effectiveN(observations.filter(({ ended }) => ended).map(({ weight }) => weight));
    if (nEff >= LEAST_EFFECTIVE || halfLifeMs === HALF_LIVES_MS.at(-1)) return { observations, halfLifeMs, nEff };
  }
  return { observations: [], halfLifeMs: 0, nEff: 0 };
}
