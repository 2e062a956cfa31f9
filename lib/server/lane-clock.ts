/** Again after this: two clocks drift apart by milliseconds in that time. */
const SYNC_EVERY_MS = 10_000;

/**
 * Postgres' clock, carried on by this process' monotonic one: replicas agree on it, and no jump of a machine's own
 * clock moves a lease or a deadline.
 */
export class LaneClock {
  #offset: number | null = null;
  #syncedAt = 0;

  constructor(private readonly monotonic: () => number) {}

  get isSet(): boolean {
    return this.#offset !== null;
  }

  /** Unix ms. Before it was set: this machine's own guess. */
  now(): number {
    return Math.round(this.monotonic() + (this.#offset ?? Date.now() - this.monotonic()));
  }

  async sync(ask: () => Promise<number>): Promise<void> {
    if (this.isSet && this.monotonic() - this.#syncedAt < SYNC_EVERY_MS) return;
    const before = this.monotonic();
    const told = await ask();
    this.#syncedAt = this.monotonic();
    this.#offset = told - (before + this.#syncedAt) / 2;
  }
}
