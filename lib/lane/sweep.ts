import { ApiError } from '@/lib/core/errors';
import type { ItemAnswer } from '@/lib/store/lane/lane-store';
import { errorEnvelope } from '@/lib/wire/error-envelope';
import type { LaneDeps } from './lane-deps';

const FORGOTTEN_AT_ONCE = 500;

const LATE = new ApiError(
  'timeout_error',
  'The batch was not back by the deadline of this call, and its policy rules out a synchronous answer',
);
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

/** Puts right what nobody else will: batches of dead makers, items without callers, batches without items. */
export async function sweep(deps: LaneDeps): Promise<void> {
  const { store, pacing } = deps;
  const now = deps.now();
  await store.takeOver(now);
  const dropped = await store.dropAbandoned(now, pacing.graceMs);
  if (dropped.length > 0) deps.metrics.dropped.inc(dropped.length);
  deps.wake(await store.expire(now, TOO_LATE));
  for (const item of await store.forgotten(now - pacing.reattachMs, FORGOTTEN_AT_ONCE)) deps.logForgotten(item);
  await cancelAbandoned(deps);
  await store.purge(now - pacing.reattachMs);
}

/** What nobody waits for is not paid for, as far as upstream can still stop it. */
async function cancelAbandoned(deps: LaneDeps): Promise<void> {
  for (const batch of await deps.store.abandonedBatches()) {
    try {
      await deps.api.cancel(batch.credential, batch.msgbatchId ?? '');
    } catch (error) {
      deps.log.warn({ err: error, batch: batch.id }, 'a batch that nobody needs could not be canceled');
      // Upstream refuses to cancel what has ended: the next poll tells.
    }
    await deps.store.cancelRequested(batch.id, deps.now());
  }
}
