import { nearestRank } from '@/lib/core/estimate/percentile';

/** Of one model so many synchronous latencies are enough to draw from. */
const MOST_SYNC = 20_000;
const PERCENTS = [50, 90, 95, 99] as const;

export type Percentiles = Record<`p${(typeof PERCENTS)[number]}`, number | null>;

/** Latencies of successes, as they were and as a proposed policy would have made them, ms. */
export class LatencyChange {
  readonly #actual: number[] = [];
  readonly #proposed: number[] = [];
  /** Calls that would have been synchronous: known only when all synchronous ones are. */
  readonly #drawn = new Map<string | null, number[]>();
  readonly #sync = new Map<string | null, number[]>();
  #estimated = 0;

  actual(ms: number): void {
    this.#actual.push(ms);
  }

  sync(model: string | null, ms: number): void {
    const seen = this.#sync.get(model);
    if (!seen) this.#sync.set(model, [ms]);
    else if (seen.length < MOST_SYNC) seen.push(ms);
  }

  proposed(ms: number, isEstimated: boolean): void {
    this.#proposed.push(ms);
    if (isEstimated) this.#estimated++;
  }

  /** @param share which of the model's synchronous latencies, 0 … 1. */
  proposedSync(model: string | null, share: number): void {
    const drawn = this.#drawn.get(model);
    if (drawn) drawn.push(share);
    else this.#drawn.set(model, [share]);
  }

  result(): { actual: Percentiles; proposed: Percentiles; estimated: number } {
    for (const seen of this.#sync.values()) seen.sort((a, b) => a - b);
    const proposed = [...this.#proposed];
    let estimated = this.#estimated;
    for (const [model, shares] of this.#drawn) {
      const seen = this.#sync.get(model) ?? [];
      for (const share of shares) {
        const ms = seen[Math.floor(share * seen.length)];
        if (ms === undefined) continue;
        proposed.push(ms);
        estimated++;
      }
    }
    return { actual: percentiles(this.#actual), proposed: percentiles(proposed), estimated };
  }
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort();
  return Object.fromEntries(PERCENTS.map((percent) => [`p${percent}`, nearestRank(sorted, percent)])) as Percentiles;
}
