import type { Clock } from '@/lib/core/clock';

/** The clock of this machine, which a test moves on: Offpeak and its client then see the same minutes go by. */
export class VirtualClock implements Clock {
  #aheadMs = 0;

  // Its methods are handed on without it.
  readonly now = (): number => Date.now() + this.#aheadMs;
  readonly monotonic = (): number => performance.now() + this.#aheadMs;

  advance(ms: number): void {
    this.#aheadMs += ms;
  }
}
