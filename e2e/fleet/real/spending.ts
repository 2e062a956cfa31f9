/**
 * Money that may be spent, in picodollars. A call's worst cost is held before it is sent and replaced by the true one
 * when that is known; where it never is, the worst stays.
 */
export class Spending {
  #bookedPico = 0n;
  #heldPico = 0n;

  constructor(readonly capPico: bigint) {}

  get bookedPico(): bigint {
    return this.#bookedPico;
  }

  get heldPico(): bigint {
    return this.#heldPico;
  }

  /** `null`: the cap does not leave that much. */
  hold(worstPico: bigint): Hold | null {
    if (this.#bookedPico + this.#heldPico + worstPico > this.capPico) return null;
    this.#heldPico += worstPico;
    let isOpen = true;
    return {
      settle: (costPico) => {
        if (!isOpen) return;
        isOpen = false;
        this.#heldPico -= worstPico;
        this.#bookedPico += costPico;
      },
    };
  }
}

export interface Hold {
  /** What it came to; only the first word counts. */
  settle(costPico: bigint): void;
}
