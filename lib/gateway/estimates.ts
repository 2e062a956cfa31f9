import type { Measured } from '@/lib/core/decide';
import { type ModelEstimate, maxTokensClass } from '@/lib/core/estimate/model-estimate';
import { assumedSyncNeedMs } from '@/lib/core/horizon';

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
    return this.of(model) ?? NOTHING;
  }

  /** Everything that was measured of a model; `null`: nothing yet. */
  of(model: string | null): ModelEstimate | null {
    return (model === null ? null : this.#byModel.get(model)) ?? null;
  }

  likelyEnd(model: string): ModelEstimate['likelyEnd'] {
    return this.#byModel.get(model)?.likelyEnd ?? null;
  }

  /** ms that a synchronous answer of this model needs: p95 of its size class, where it was measured often enough. */
  syncNeedMs(model: string | null, maxTokens: number | null): number {
    const bound = maxTokensClass(maxTokens);
    const measured = model === null ? undefined : this.#byModel.get(model)?.syncP95ByMaxTokens.get(bound);
    return measured ?? assumedSyncNeedMs(maxTokens);
  }
}
