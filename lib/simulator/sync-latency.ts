import type { CatalogModel } from './model-catalog';
import { SeededRandom } from './seeded-random';

/** How long synchronous answers take, in milliseconds of the API (divided by the time scale when they pass). */
export interface SyncLatencyConfig {
  /** Answers at once, whatever else is configured. */
  readonly instant: boolean;
  /** Median time to the first token by model line. */
  readonly ttftMedianMs: Readonly<Record<CatalogModel['line'], number>>;
  readonly ttftSigma: number;
  /** Median output tokens per second by model line. */
  readonly tokensPerSecond: Readonly<Record<CatalogModel['line'], number>>;
  readonly speedSigma: number;
  /** Uncached prompt tokens that are read per second before the first token. */
  readonly prefillTokensPerSecond: number;
  /** Fixed latencies by model id, instead of draws. */
  readonly fixed: Readonly<Record<string, { readonly ttftMs: number; readonly tokensPerSecond: number }>>;
}

export const DEFAULT_SYNC_LATENCY: SyncLatencyConfig = {
  instant: false,
  ttftMedianMs: { haiku: 450, sonnet: 900, opus: 1_400, fable: 1_800, mythos: 1_800 },
  ttftSigma: 0.35,
  tokensPerSecond: { haiku: 140, sonnet: 80, opus: 55, fable: 45, mythos: 45 },
  speedSigma: 0.2,
  prefillTokensPerSecond: 25_000,
  fixed: {},
};

/** Latency of one answer, in milliseconds of the API. */
export interface SyncLatency {
  /** To the first token, once the prompt is read. */
  readonly ttftMs: number;
  /** For each prompt token that no cache holds. */
  readonly msPerPromptToken: number;
  readonly msPerToken: number;
}

/** Draws the latency of one answer; equal requests get equal draws. */
export function drawSyncLatency(
  config: SyncLatencyConfig,
  model: CatalogModel,
  fast: boolean,
  random: SeededRandom,
): SyncLatency {
  if (config.instant) return { ttftMs: 0, msPerPromptToken: 0, msPerToken: 0 };
  const fixed = Object.hasOwn(config.fixed, model.id) ? config.fixed[model.id] : undefined;
  if (fixed !== undefined) {
    return { ttftMs: fixed.ttftMs, msPerPromptToken: 0, msPerToken: 1_000 / fixed.tokensPerSecond };
  }
  const ttftMs = random.lognormal(config.ttftMedianMs[model.line], config.ttftSigma);
  const speed = random.lognormal(config.tokensPerSecond[model.line], config.speedSigma) * (fast ? 2.5 : 1);
  return { ttftMs, msPerPromptToken: 1_000 / config.prefillTokensPerSecond, msPerToken: 1_000 / speed };
}

/** The stream that a request's latency is drawn from. */
export function latencyRandom(seed: number, requestHash: string): SeededRandom {
  return new SeededRandom(seed, `latency|${requestHash}`);
}
