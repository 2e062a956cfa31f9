import { normal, normalCdf, pick } from './random';

const MINUTE_MS = 60_000;

/** How much work a batch is, in ms at speed 1: a mixture of log-normals above a floor. Shares sum to 1. */
export interface Work {
  floorMs: number;
  parts: readonly { share: number; medianMs: number; sigma: number }[];
}

/**
 * The bench's own world: a batch is an amount of work, and upstream gets through it at a speed that changes over time,
 * also while the batch runs. Slow hours, drifts and incidents are speeds.
 */
export class TurnaroundLaw {
  /** Work that upstream gets through from 0 until each minute. */
  readonly #done: Float64Array;

  /** @param speedAt by ms from the start of the trace; constant within a minute. */
  constructor(
    private readonly work: Work,
    private readonly startMs: number,
    minutes: number,
    speedAt: (atMs: number) => number,
  ) {
    this.#done = new Float64Array(minutes + 1);
    for (let i = 0; i < minutes; i++) {
      this.#done[i + 1] = (this.#done[i] ?? 0) + MINUTE_MS * speedAt(startMs + i * MINUTE_MS);
    }
  }

  /** Share of the batches created at `atMs` that have ended `ms` later: the truth that the informed policy knows. */
  doneWithin(atMs: number, ms: number): number {
    const work = this.#doneBy(atMs + ms) - this.#doneBy(atMs) - this.work.floorMs;
    if (work <= 0) return 0;
    return this.work.parts.reduce(
      (sum, { share, medianMs, sigma }) => sum + share * normalCdf(Math.log(work / medianMs) / sigma),
      0,
    );
  }

  /** ms that one batch takes. @param part and @param size even draws. */
  turnaroundMs(atMs: number, part: number, size: number): number {
    const { parts } = this.work;
    const drawn =
      parts[
        pick(
          parts.map(({ share }) => share),
          part,
        )
      ];
    if (!drawn) throw new Error('a law without parts');
    const work = this.work.floorMs + drawn.medianMs * Math.exp(drawn.sigma * normal(size));
    return this.#whenDone(this.#doneBy(atMs) + work) - atMs;
  }

  #doneBy(atMs: number): number {
    const minutes = Math.max(0, (atMs - this.startMs) / MINUTE_MS);
    const i = Math.min(Math.floor(minutes), this.#done.length - 2);
    const [before = 0, after = 0] = this.#done.subarray(i, i + 2);
    return before + (minutes - i) * (after - before);
  }

  #whenDone(work: number): number {
    let low = 0;
    let high = this.#done.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#done[middle] ?? 0) < work) low = middle + 1;
      else high = middle;
    }
    const i = Math.max(1, low);
    const [before = 0, after = 1] = this.#done.subarray(i - 1, i + 1);
    return this.startMs + (i - 1 + (work - before) / (after - before)) * MINUTE_MS;
  }
}
