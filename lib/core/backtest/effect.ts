import type { LoggedOutcome } from './logged-outcome';
import type { ProposedOutcome } from './proposed-outcome';

/** What a proposed policy changes, summed over calls. Money in picodollars. */
export class Effect {
  requests = 0;
  toBatch = 0;
  toSync = 0;
  actualCost = 0n;
  proposedCost = 0n;
  actualWaste = 0n;
  proposedWaste = 0n;
  escalated = 0;
  missed = 0;
  missedLow = 0;
  missedHigh = 0;
  notMeasured = 0;
  unpriced = 0;

  add(was: LoggedOutcome, proposed: ProposedOutcome, moved: 'toBatch' | 'toSync' | null): void {
    this.requests++;
    if (moved !== null) this[moved]++;
    this.escalated += proposed.escalated;
    this.missed += proposed.missed;
    this.missedLow += proposed.missedLow;
    this.missedHigh += proposed.missedHigh;
    if (proposed.notMeasured) this.notMeasured++;
    if (was.unpriced) {
      this.unpriced++;
      return;
    }
    this.actualCost += was.cost;
    this.proposedCost += proposed.cost;
    this.actualWaste += was.waste;
    this.proposedWaste += proposed.waste;
  }
}
