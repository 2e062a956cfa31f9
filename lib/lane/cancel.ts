import { isApiError } from '@/lib/core/errors';
import type { Batch } from '@/lib/store/lane/lane-store';
import type { LaneDeps } from './lane-deps';

/** What nobody waits for any more is not paid for, as far as upstream can still stop it. */
export async function cancelAbandoned(deps: LaneDeps): Promise<void> {
  for (const batch of await deps.store.abandonedBatches()) {
    if (await isHeard(deps, batch)) await deps.store.cancelRequested(batch.id, deps.now());
  }
}

async function isHeard(deps: LaneDeps, batch: Batch): Promise<boolean> {
  try {
    await deps.api.cancel(batch.credential, batch.msgbatchId ?? '');
    return true;
  } catch (error) {
    deps.log.warn({ err: error, batch: batch.id }, 'a batch that nobody needs could not be canceled');
    // Upstream refuses to cancel what has ended: the next poll tells. Anything else is asked again.
    return isApiError(error) && error.status >= 400 && error.status < 429;
  }
}
