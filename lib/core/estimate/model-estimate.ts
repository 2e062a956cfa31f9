import type { Measured } from '@/lib/core/policy/facts';
import type { TurnaroundEstimate } from './turnaround-estimate';

/** Upper bounds of the classes of `max_tokens` in which latency and output are measured. */
export const MAX_TOKENS_CLASSES = [1_024, 4_096, 16_384, 2_147_483_647] as const;

/** What was measured of one model at one moment. Immutable. */
export interface ModelEstimate extends Measured {
  /** Names what is stored of it: decisions are made again by it. */
  snapshotId: string;
  /** `null`: no batch was seen. */
  turnaround: TurnaroundEstimate | null;
  /** Between these two ages most of its batches end, ms. */
  likelyEnd: { from: number; to: number } | null;
  /** p90, ms, of what is added to turnaround: from claiming a batch's items until upstream's `created_at`, and from its
   * `ended_at` until its results are read. Clocks differ, so only their sum is meaningful. `null`: too few were seen. */
  createLagMs: number | null;
  collectLagMs: number | null;
  /** p95 of synchronous latency by size class of `max_tokens`, ms; only those with enough calls. */
  syncP95ByMaxTokens: ReadonlyMap<number, number>;
  /** Mean output of successes, tokens, by `outputClass`; only those with enough calls. */
  outputTokens: ReadonlyMap<string, number>;
  /** Of prompt tokens that batches wrote to or read from a cache, the share read; `null`: none yet. */
  batchReadShare: number | null;
  /** Share of escalated items whose batch billed them anyway; 1 until shown otherwise. */
  billedAnywayShare: number;
}

/** The class of a call's `max_tokens`: its upper bound. */
export function maxTokensClass(maxTokens: number | null): number {
  return MAX_TOKENS_CLASSES.find((most) => (maxTokens ?? 0) <= most) ?? 0;
}

/** Name of what is expected to answer alike: a class of `max_tokens`, of one key or (`null`) of all. */
export function outputClass(keyId: string | null, maxTokensBound: number): string {
  return `${keyId ?? ''} ${maxTokensBound}`;
}
