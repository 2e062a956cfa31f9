import type { LoggedOutcome } from './logged-outcome';
import type { ProposedOutcome } from './proposed-outcome';

const SAFE = 2 ** 52;

/** An exact sum of whole picodollars: a million bigints would be a million objects. */
export class PicoSum {
  #small = 0;
  #large = 0n;

  add(pico: number): void {
    this.#small += pico;
    if (this.#small < SAFE) return;
    this.#large += BigInt(this.#small);
    this.#small = 0;
  }

  get total(): bigint {
    return this.#large + BigInt(this.#small);
  }
}

/** What a proposed policy changes, summed over calls. */
export class Effect {
  requests = 0;
  toBatch = 0;
  toSync = 0;
  readonly actualCost = new PicoSum();
  readonly proposedCost = new PicoSum();
  readonly actualWaste = new PicoSum();
  readonly proposedWaste = new PicoSum();
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
    this.actualCost.add(was.cost);
    this.proposedCost.add(proposed.cost);
    this.actualWaste.add(was.waste);
    this.proposedWaste.add(proposed.waste);
  }
}
