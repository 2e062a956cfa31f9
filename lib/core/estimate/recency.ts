import type { Observation } from './kaplan-meier';
import type { Turnaround } from './turnaround';

const MINUTE_MS = 60_000;
/** Shortest first. */
export const HALF_LIVES_MS = [15 * MINUTE_MS, 60 * MINUTE_MS, 360 * MINUTE_MS, 1_440 * MINUTE_MS] as const;
/** Effective number of ended batches that a half-life must leave. */
export const LEAST_EFFECTIVE = 30;
/** What weighs less than this beside the newest is left out: it changes no digit that matters. */
const LEAST_WEIGHT = 1e-4;

/** Kish's effective number of those that ended: (Σw)²/Σw². */
export function effectiveN(observations: readonly Observation[]): number {
  let sum = 0;
  let squares = 0;
  for (const { ended, weight } of observations) {
    if (!ended) continue;
    sum += weight;
    squares += weight * weight;
  }
  return squares > 0 ? (sum * sum) / squares : 0;
}

/** Weighs batches by how new they are. By `createdAt`, not by their end: such weights would favour the quick ones. */
export function weighByRecency(turnarounds: readonly Turnaround[], halfLifeMs: number): Observation[] {
  const newestAt = turnarounds.reduce((newest, { createdAt }) => Math.max(newest, createdAt), Number.NEGATIVE_INFINITY);
  const observations: Observation[] = [];
  for (const { createdAt, ms, ended } of turnarounds) {
    const weight = Math.exp((Math.LN2 * (createdAt - newestAt)) / halfLifeMs);
    if (weight >= LEAST_WEIGHT) observations.push({ ms, ended, weight });
  }
  return observations;
}
