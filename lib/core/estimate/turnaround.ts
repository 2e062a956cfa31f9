import { DAY_MS } from '@/lib/core/duration';

/** One Message Batch: how long it took, or for how long it is known not to have ended by itself. */
export interface Turnaround {
  /** Upstream's `created_at`, Unix ms. */
  createdAt: number;
  /** From there to upstream's `ended_at`, or to where the observation stops. */
  ms: number;
  /** `false`: censored at `ms`. */
  ended: boolean;
}

/** What the lane knows of a batch. Unix ms; `null`: it did not happen, or nobody knows. */
export interface BatchTimes {
  upstreamCreatedAt: number | null;
  upstreamEndedAt: number | null;
  /** When we learned that it had ended. */
  seenEndedAt: number | null;
  cancelRequestedAt: number | null;
  closedAt: number | null;
  expiresAt: number | null;
  /** Items that upstream did not get to within its 24 hours, and those that somebody canceled. */
  expired: number;
  canceled: number;
}

/**
 * What a batch says about turnaround, as it could be known at `now`: later knowledge is not used, so that an estimate
 * can be made again for any past moment. A canceled batch stops at the cancel, an expired one at its expiry (24 h), a
 * running one at its age, one that upstream lost when it was given up. `null`: it does not exist upstream, or nobody
 * knows that it does.
 */
export function observeBatch(times: BatchTimes, now: number): Turnaround | null {
  const { upstreamCreatedAt: createdAt, upstreamEndedAt } = times;
  if (createdAt === null) return null;
  const observed = (at: number, ended: boolean) => ({ createdAt, ms: Math.max(0, at - createdAt), ended });
  const canceledAt = isPast(times.cancelRequestedAt, now) ? times.cancelRequestedAt : Number.POSITIVE_INFINITY;
  if (upstreamEndedAt !== null && isPast(times.seenEndedAt ?? upstreamEndedAt, now)) {
    if (times.expired > 0) return observed(times.expiresAt ?? createdAt + DAY_MS, false);
    // Canceled by another's hand, the moment is not known; the end is not far from it.
    return canceledAt < upstreamEndedAt ? observed(canceledAt, false) : observed(upstreamEndedAt, times.canceled === 0);
  }
  const givenUpAt = isPast(times.closedAt, now) ? times.closedAt : now;
  return observed(Math.min(canceledAt, givenUpAt, times.expiresAt ?? createdAt + DAY_MS), false);
}

function isPast(at: number | null, now: number): at is number {
  return at !== null && at <= now;
}
