import type { CredentialLimit } from '@/lib/store/lane/lane-store';
import type { CollectedAnswer } from '@/lib/upstream/collect';
import { retryAfterMs } from '@/lib/wire/retry-after';

/** What upstream's rate limits leave one credential. */
export interface Headroom {
  /** Requests that may be begun until `resetAt`; `null`: it did not say. */
  remaining: number | null;
  resetAt: number;
  /** A 429 asked for a pause. */
  pausedUntil: number;
  /** Begun since upstream last said. */
  begun: number;
}

export function newHeadroom(): Headroom {
  return { remaining: null, resetAt: 0, pausedUntil: 0, begun: 0 };
}

/** Takes over what an answer says of the limits (Messages API, response headers). */
export function noteHeadroom(headroom: Headroom, { status, headers }: CollectedAnswer, now: number): void {
  const remaining = Number(headers['anthropic-ratelimit-requests-remaining'] ?? Number.NaN);
  const resetAt = Date.parse(String(headers['anthropic-ratelimit-requests-reset'] ?? ''));
  headroom.remaining = Number.isInteger(remaining) && !Number.isNaN(resetAt) ? remaining : null;
  headroom.resetAt = Number.isNaN(resetAt) ? 0 : resetAt;
  headroom.begun = 0;
  const wait = status === 429 ? retryAfterMs(headers, now) : null;
  if (wait !== null) headroom.pausedUntil = now + wait;
}

/** How many answers each credential that is short may begin now; forgets what says nothing any more. */
export function limitsOf(headrooms: Map<string, Headroom>, now: number): CredentialLimit[] {
  const limits: CredentialLimit[] = [];
  for (const [credential, headroom] of headrooms) {
    const { pausedUntil, remaining, resetAt, begun } = headroom;
    if (now < pausedUntil) limits.push({ credential, most: 0 });
    else if (remaining === null || now >= resetAt) headrooms.delete(credential);
    // Some are left to the callers of the sync lane.
    else limits.push({ credential, most: Math.max(1, Math.floor(remaining / 2) - begun) });
  }
  return limits;
}
