import type { Measured } from '@/lib/core/decide';
import { assumedSyncNeedMs } from '@/lib/core/horizon';

/** What was measured of one model. */
export interface ModelEstimate extends Measured {
  /** p95 of synchronous latency by size class of `max_tokens`, ms; only those with enough calls. */
  syncP95ByMaxTokens: ReadonlyMap<number, number>;
  /** Between these two ages most of its batches end, ms. */
  likelyEnd: { from: number; to: number } | null;
}

/** Upper bounds of the classes of `max_tokens` in which synchronous latency is measured. */
export const MAX_TOKENS_CLASSES = [1_024, 4_096, 16_384, 2_147_483_647] as const;

const NOTHING: Measured = {
  batchP50: null,
  batchP90: null,
  batchP95: null,
  batchSamples: 0,
  batchBacklog: 0,
  syncP95: null,
  spendToday: null,
};

/** What was measured, in memory: read again every few seconds, never in a call's way. */
export class Estimates {
  #byModel: ReadonlyMap<string, ModelEstimate> = new Map();
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly options: {
      load(): Promise<ReadonlyMap<string, ModelEstimate>>;
      monotonic(): number;
      everyMs: number;
    },
  ) {}

  /** Reads anew when it is time. */
  async refresh(): Promise<void> {
    const now = this.options.monotonic();
    if (now - this.#readAt < this.options.everyMs) return;
    this.#readAt = now;
    this.#byModel = await this.options.load();
  }

  measured(model: string | null): Measured {
    return (model === null ? null : this.#byModel.get(model)) ?? NOTHING;
  }

  likelyEnd(model: string): ModelEstimate['likelyEnd'] {
    return this.#byModel.get(model)?.likelyEnd ?? null;
  }

  /** ms that a synchronous answer of this model needs: p95 of its size class, where it was measured often enough. */
  syncNeedMs(model: string | null, maxTokens: number | null): number {
    const bound = MAX_TOKENS_CLASSES.find((most) => (maxTokens ?? 0) <= most) ?? 0;
    const measured = model === null ? undefined : this.#byModel.get(model)?.syncP95ByMaxTokens.get(bound);
    return measured ?? assumedSyncNeedMs(maxTokens);
  }
}
