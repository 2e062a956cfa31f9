import type { CredentialLimit } from '@/lib/store/lane/lane-store';
import type { MessageOutcome } from '@/lib/upstream/batch-api';
import type { CollectedAnswer } from '@/lib/upstream/collect';
import { retryAfterMs } from '@/lib/wire/retry-after';

/** What upstream's rate limits, and its state, leave one credential. */
export interface Headroom {
  /** Requests that may be begun until `resetAt`; `null`: it did not say. */
  remaining: number | null;
  resetAt: number;
  /** A 429 asked for a pause, or upstream fails. */
  pausedUntil: number;
  /** Begun since upstream last said, or since the pause began. */
  begun: number;
  /** Calls in a row that upstream could not serve; above `OUTAGE`, pauses instead. */
  failures: number;
}

/** So many failures in a row are no accident: what is due waits, and a few calls find out when it is over. */
const OUTAGE = 8;
const SCOUTS = 2;
const PAUSE_MS: [first: number, longest: number] = [500, 8_000];
/** Scouts that are not back by then are followed by others. */
const SCOUT_MS = 10_000;

export function newHeadroom(): Headroom {
  return { remaining: null, resetAt: 0, pausedUntil: 0, begun: 0, failures: 0 };
}

/** Takes over what an outcome says of upstream. */
export function noteOutcome(headroom: Headroom, outcome: MessageOutcome, now: number): void {
  const { status } = outcome.kind === 'failed' ? outcome.error : outcome.answer;
  if (status >= 500) noteFailure(headroom, now);
  else headroom.failures = 0;
  if (outcome.kind === 'answer') noteLimits(headroom, outcome.answer, now);
}

/** What came of calls that began before a pause says nothing new. */
function noteFailure(headroom: Headroom, now: number): void {
  if (headroom.failures >= OUTAGE && now < headroom.pausedUntil) return;
  headroom.failures++;
  if (headroom.failures < OUTAGE) return;
  const [first, longest] = PAUSE_MS;
  headroom.pausedUntil = now + Math.min(longest, first * 2 ** (headroom.failures - OUTAGE));
  headroom.begun = 0;
}

/** Messages API, response headers. */
function noteLimits(headroom: Headroom, { status, headers }: CollectedAnswer, now: number): void {
  const remaining = Number(headers['anthropic-ratelimit-requests-remaining'] ?? Number.NaN);
  const resetAt = Date.parse(String(headers['anthropic-ratelimit-requests-reset'] ?? ''));
  headroom.remaining = Number.isInteger(remaining) && !Number.isNaN(resetAt) ? remaining : null;
  headroom.resetAt = Number.isNaN(resetAt) ? 0 : resetAt;
  if (headroom.failures < OUTAGE) headroom.begun = 0;
  const wait = status === 429 ? retryAfterMs(headers, now) : null;
  if (wait !== null) headroom.pausedUntil = now + wait;
}

/** How many answers each credential that is short may begin now; forgets what says nothing any more. */
export function limitsOf(headrooms: Map<string, Headroom>, now: number): CredentialLimit[] {
  const limits: CredentialLimit[] = [];
  for (const [credential, headroom] of headrooms) {
    const { pausedUntil, remaining, resetAt, failures } = headroom;
    if (now < pausedUntil) limits.push({ credential, most: 0 });
    else if (failures >= OUTAGE) {
      if (now - pausedUntil > SCOUT_MS) Object.assign(headroom, { begun: 0, pausedUntil: now });
      limits.push({ credential, most: Math.max(0, SCOUTS - headroom.begun) });
    } else if (remaining === null || now >= resetAt) {
      if (failures === 0) headrooms.delete(credential);
    }
    // Some are left to the callers of the sync lane.
    else limits.push({ credential, most: Math.max(1, Math.floor(remaining / 2) - headroom.begun) });
  }
  return limits;
}
