/** How fast the lane does things, in ms unless the name says otherwise. Tests supply their own. */
export interface Pacing {
  /** A claim lives this long without being renewed. */
  leaseMs: number;
  /** A POST that was marked must begin within this. */
  startPostMs: number;
  /** A POST may take this, and a second per megabyte. */
  postMs: number;
  /** An unknown batch does not exist when complete lists have not shown it for this long after its POST was over. */
  absentMs: number;
  /** Polling is never denser than this, nor sparser. */
  densestPollMs: number;
  sparsestPollMs: number;
  /** A batch that lists lack for this long is asked for by its id, and given up after `lostMs`. */
  missingMs: number;
  lostMs: number;
  /** How often results may lack lines before they count as lost; growing pauses from the first to the second. */
  collectTries: number;
  collectAgainMs: [first: number, longest: number];
  /** A call of upstream that showed no sign of life for this long keeps no other from its turn. */
  hungMs: number;
  /** Synchronous answers at a time. */
  mostEscalations: number;
  /** Pause before a synchronous answer that upstream could not give is asked for again. */
  escalateAgainMs: [first: number, longest: number];
  /** A synchronous answer is waited for this long beyond the deadline. */
  lateMs: number;
  /** A caller that left may be back within this; then its queued item is dropped. */
  graceMs: number;
  /** How long after its outcome an item can be asked for. */
  reattachMs: number;
  mostBatchBytes: number;
  mostBatchItems: number;
}

/**
 * Sources: batches may hold 100,000 items and 256 MB (Message Batches API, limits); they stay below 32 MB so that the
 * time in which a POST's outcome is unknown is short.
 */
export const PACING: Pacing = {
  leaseMs: 30_000,
  startPostMs: 5_000,
  postMs: 30_000,
  absentMs: 90_000,
  densestPollMs: 1_000,
  sparsestPollMs: 10_000,
  missingMs: 60_000,
  lostMs: 600_000,
  collectTries: 10,
  collectAgainMs: [1_000, 30_000],
  hungMs: 120_000,
  mostEscalations: 64,
  escalateAgainMs: [500, 8_000],
  lateMs: 60_000,
  graceMs: 20_000,
  reattachMs: 600_000,
  mostBatchBytes: 32 * 1024 * 1024,
  mostBatchItems: 100_000,
};
