import type { Lane, TerminalState } from '@/lib/core/request-states';

/** How a logged call was decided and what came of it. Money in whole picodollars; one call's are well below 2^53. */
export interface LoggedOutcome {
  /** As it was decided: a call that spilled over was decided for sync. */
  lane: Lane;
  rule: string;
  because: string;
  servedBy: Lane | null;
  state: TerminalState;
  /** It failed because its time was over. */
  timedOut: boolean;
  cost: number;
  /** What the delivered usage costs in the sync lane; 0: nothing was delivered. */
  syncCost: number;
  waste: number;
  unpriced: boolean;
  latencyMs: number | null;
  /** From arrival; `null`: none. */
  deadlineMs: number | null;
  /** Prompt tokens that the sync lane read from its cache, and whether they were kept for an hour. */
  cacheReadTokens: number;
  cachedForHour: boolean;
  /** Of what was delivered: they cost the same in either lane. */
  webSearches: number;
  /** From arrival until the results of its batch were there; `null`: in no batch, or not over when it was last looked at. */
  batchDoneMs: number | null;
}
