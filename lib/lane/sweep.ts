import { ApiError } from '@/lib/core/errors';
import type { ItemAnswer } from '@/lib/store/lane/lane-store';
import { errorEnvelope } from '@/lib/wire/error-envelope';
import { inTurn } from './in-turn';
import type { LaneDeps } from './lane-deps';

const FORGOTTEN_AT_ONCE = 500;
/** Results can be read for 29 days (Message Batches API). */
const KEPT_UPSTREAM_MS = 29 * 86_400_000;

const LATE = new ApiError('timeout_error', 'There was no answer before the deadline of this call');
const TOO_LATE: ItemAnswer = {
  outcome: 'failed',
  status: LATE.status,
  headers: [],
  body: errorEnvelope(LATE, null),
  servedBy: null,
  errorType: LATE.type,
  attempt: null,
  msgbatchId: null,
};

/** Puts right what nobody else will: batches of dead makers, items out of time, without callers or long delivered. */
export async function sweep(deps: LaneDeps): Promise<void> {
  const { store, pacing } = deps;
  const now = deps.now();
  await inTurn([
    () => store.takeOver(now),
    async () => {
      const expired = await store.expire(now, TOO_LATE);
      deps.wake(expired.map((id) => ({ id, answer: TOO_LATE })));
    },
    async () => {
      const dropped = await store.dropAbandoned(deps.owner, now, pacing.graceMs);
      if (dropped.length > 0) deps.metrics.dropped.inc(dropped.length);
    },
    async () => {
      for (const item of await store.forgotten(now - pacing.reattachMs, FORGOTTEN_AT_ONCE)) deps.logForgotten(item);
    },
    () => store.giveUp(now - KEPT_UPSTREAM_MS, now),
    () => store.purge(now - pacing.reattachMs),
  ]);
}
