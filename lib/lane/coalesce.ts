import type { Batch } from '@/lib/store/lane/lane-store';
import type { LaneDeps } from './lane-deps';

/** Takes the next group of waiting calls that is due as one batch. Nothing is sent yet; `null`: none is due. */
export async function coalesce(deps: LaneDeps): Promise<Batch | null> {
  const now = deps.now();
  const batch = await deps.store.claimGroup({
    id: deps.newId(),
    nonce: deps.newNonce(),
    owner: deps.owner,
    leaseUntil: now + deps.pacing.leaseMs,
    now,
    mostBytes: deps.pacing.mostBatchBytes,
    mostItems: deps.pacing.mostBatchItems,
  });
  if (batch) await deps.crash('after_claim');
  return batch;
}
