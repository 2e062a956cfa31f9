import type { Batch } from '@/lib/store/lane/lane-store';
import type { Pacing } from './pacing';

/** Turnaround that was measured for a model, ms: between these two most batches end. `null`: too few were seen. */
export interface LikelyEnd {
  from: number;
  to: number;
}

/**
 * How long until upstream is asked again: dense while an end is likely, sparse before. Without measurements, and for
 * the late ones, a fiftieth of the batch's age: an answer is then never late by more than two percent of its time.
 */
export function pollIntervalMs(batch: Batch, likely: LikelyEnd | null, now: number, pacing: Pacing): number {
  const { densestPollMs, sparsestPollMs } = pacing;
  const bounded = (ms: number) => Math.min(sparsestPollMs, Math.max(densestPollMs, ms));
  if (batch.state === 'unknown') return bounded(2 * densestPollMs);
  const age = now - (batch.upstreamCreatedAt ?? batch.createdAt);
  if (likely && age < likely.from) return bounded(Math.min(likely.from - age, age / 4));
  if (likely && age <= likely.to) return densestPollMs;
  return bounded(age / 50);
}
