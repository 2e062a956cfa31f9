interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
  timer: NodeJS.Timeout;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The simulator's only clock: real time plus an offset that tests may push forward. Every duration that the API owns
 * (latency, turnaround, cache TTL, expiry) is passed through {@link SimClock.scaled} before it is used.
 */
export class SimClock {
  readonly timeScale: number;
  #offsetMs = 0;
  readonly #sleepers = new Set<Sleeper>();
  readonly #realNow: () => number;

  constructor(timeScale: number, realNow: () => number = Date.now) {
    if (!(timeScale > 0)) throw new Error(`timeScale must be positive, not ${timeScale}`);
    this.timeScale = timeScale;
    this.#realNow = realNow;
  }

  /** Milliseconds since 1970, virtual. */
  now(): number {
    return this.#realNow() + this.#offsetMs;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** A duration of the API as it passes here: divided by the time scale. */
  scaled(apiMs: number): number {
    return apiMs / this.timeScale;
  }

  /** Fast-forwards; whatever slept past the new time wakes at once. */
  advance(ms: number): void {
    this.#offsetMs += ms;
    for (const sleeper of [...this.#sleepers]) {
      clearTimeout(sleeper.timer);
      this.#arm(sleeper);
    }
  }

  /** Calls `wake` at virtual time `atMs`; returns how to call it off. */
  at(atMs: number, wake: () => void): () => void {
    const sleeper: Sleeper = { atMs, wake, timer: setTimeout(() => undefined, 0) };
    clearTimeout(sleeper.timer);
    this.#sleepers.add(sleeper);
    this.#arm(sleeper);
    return () => {
      clearTimeout(sleeper.timer);
      this.#sleepers.delete(sleeper);
    };
  }

  /** Resolves `true` at virtual time `atMs`, or `false` as soon as `signal` aborts. */
  until(atMs: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (atMs <= this.now()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const abort = () => {
        cancel();
        resolve(false);
      };
      const cancel = this.at(atMs, () => {
        signal.removeEventListener('abort', abort);
        resolve(true);
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  /** Drops every sleeper, for shutdown. */
  stop(): void {
    for (const sleeper of this.#sleepers) clearTimeout(sleeper.timer);
    this.#sleepers.clear();
  }

  #arm(sleeper: Sleeper): void {
    const waitMs = Math.min(Math.max(0, sleeper.atMs - this.now()), LONGEST_TIMER_MS);
    sleeper.timer = setTimeout(() => {
      // A timer may fire a fraction early, or at the longest span that Node can hold.
      if (sleeper.atMs - this.now() > 1) {
        this.#arm(sleeper);
        return;
      }
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }, waitMs);
  }
}
