import type { DoneCurve } from './kaplan-meier';
import type { ModelEstimate } from './model-estimate';
import type { TurnaroundEstimate } from './turnaround-estimate';

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

/** Plain JSON. */
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
