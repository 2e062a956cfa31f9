import { marginMs } from '@/lib/core/horizon';

/** Of the time until its answer must begin elsewhere, a call waits at most this share for others to join. */
const WINDOW_SHARE = 0.25;
/** Making a batch and reading its results, until they were measured. */
const ASSUMED_LAG_MS = 5_000;

export interface Timing {
  /** From arrival until the answer must be there, ms. */
  deadlineMs: number;
  /** What a synchronous answer needs, ms. */
  syncNeedMs: number;
  windowMs: number;
  /** p90, ms; `null`: not measured. */
  createLagMs: number | null;
  collectLagMs: number | null;
}

/** ms after its arrival at which a call that is not back must be answered by sync. */
export function escalateAfterMs({ deadlineMs, syncNeedMs }: Timing): number {
  return deadlineMs - syncNeedMs - marginMs(deadlineMs);
}

/** ms that the batch itself may take; 0 or less: none is left. Never shorter for a later deadline. */
export function horizonMs(timing: Timing): number {
  const { windowMs, createLagMs, collectLagMs } = timing;
  const escalateAfter = escalateAfterMs(timing);
  const window = Math.min(windowMs, Math.max(0, escalateAfter) * WINDOW_SHARE);
  const isMeasured = createLagMs !== null && collectLagMs !== null;
  return escalateAfter - window - (isMeasured ? Math.max(0, createLagMs + collectLagMs) : ASSUMED_LAG_MS);
}
