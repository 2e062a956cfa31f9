const MOST_KEYS = 50_000;

/**
 * Counts how often something was seen, so that the second of two equal requests draws anew while both stay
 * reproducible. Forgets all when there are too many keys.
 */
export class OccurrenceCounter {
  readonly #counts = new Map<string, number>();

  /** 1 for the first time. */
  next(key: string): number {
    if (this.#counts.size >= MOST_KEYS) this.#counts.clear();
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count;
  }

  clear(): void {
    this.#counts.clear();
  }
}
