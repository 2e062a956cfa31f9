import type { PrefixState } from '@/lib/core/auto/prefix-state';

/** A call's cacheable prefix and what was known of it at arrival. */
export interface KnownPrefix {
  /** Up to its last mark; an estimate. */
  tokens: number;
  state: PrefixState;
}

/**
 * What a decision could see besides the log's other columns, stored with the request: with it any policy can decide the
 * call again exactly as it would have been decided then.
 */
export interface DecisionFacts {
  optedOut: boolean;
  /** `null`: the batch API could take it. */
  ineligible: string | null;
  laneDown: boolean;
  /** `null`: none is marked, or no rule was asked. */
  prefix: KnownPrefix | null;
  /** Headers that the policy of then names; another one was not looked at. */
  headers: Readonly<Record<string, string | null>>;
  /** Of the estimate of its model; `null`: nothing was measured. */
  estimateId: string | null;
  batchBacklog: number;
  /** ms; `null`: not measured. */
  syncP95: number | null;
  /** USD. */
  spendToday: number | null;
  /** ms that a synchronous answer was expected to need, and tokens it was expected to have. */
  syncNeedMs: number;
  expectedOutput: number;
  /** ms for which its client listens; `null`: as long as there are signs of life. */
  patienceMs: number | null;
  /** Decided for sync, then sent to batch because upstream was overloaded. */
  spilled?: boolean;
}
