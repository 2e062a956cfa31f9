import type { DoneCurve } from './kaplan-meier';
import type { ModelEstimate } from './model-estimate';
import { type TurnaroundEstimate, withBounds } from './turnaround-estimate';

/** What of an estimate an `auto` decision and the measured fields use and no column of the request holds. */
export type EstimateSnapshot = Pick<
  ModelEstimate,
  | 'createLagMs'
  | 'collectLagMs'
  | 'batchReadShare'
  | 'billedAnywayShare'
  | 'batchP50'
  | 'batchP90'
  | 'batchP95'
  | 'batchSamples'
> & { turnaround: (Omit<TurnaroundEstimate, 'lower' | 'upper'> & { curve: DoneCurve }) | null };

/** Plain JSON; `ofSnapshot` makes the same estimate of it. */
export function toSnapshot(estimate: Omit<ModelEstimate, 'snapshotId'>): EstimateSnapshot {
  const { createLagMs, collectLagMs, batchReadShare, billedAnywayShare } = estimate;
  const { batchP50, batchP90, batchP95, batchSamples, turnaround } = estimate;
  const kept = turnaround && { ...turnaround, lower: undefined, upper: undefined };
  return {
    createLagMs,
    collectLagMs,
    batchReadShare,
    billedAnywayShare,
    batchP50,
    batchP90,
    batchP95,
    batchSamples,
    turnaround: kept,
  };
}

/** What decided, from what was stored of it. */
export type KnownEstimate = Omit<EstimateSnapshot, 'turnaround'> & { turnaround: TurnaroundEstimate | null };

export function ofSnapshot(snapshot: EstimateSnapshot): KnownEstimate {
  return { ...snapshot, turnaround: snapshot.turnaround && withBounds(snapshot.turnaround) };
}
