import type { Audited } from '@/lib/core/audited';
import type { Deps } from '@/lib/deps';
import { REMOTE_ADDRESS_HEADER } from '@/lib/gateway/web-exchange';
import { writeAudit } from '@/lib/store/audit';
import type { Identity } from '@/lib/store/operators';
import { storableJson } from './storable-json';

interface Change {
  action: Audited;
  /** What it was done to, as operators know it. */
  object: string;
  /** Never a secret. */
  before?: unknown;
  after?: unknown;
  note?: string | null;
}

/** Writes down a change that was made. It stands even if this fails: then the process's log is all that tells of it. */
export async function audit(
  { deps, operator, request, now }: { deps: Deps; operator: Identity; request: Request; now: Date },
  { action, object, before = null, after = null, note = null }: Change,
): Promise<void> {
  const address = request.headers.get(REMOTE_ADDRESS_HEADER);
  deps.log.info({ operator: operator.name, action, object }, 'changed');
  try {
    await writeAudit(deps.pools.admin, {
      id: deps.newId(),
      at: now,
      actor: operator.name,
      actorId: operator.id,
      action,
      object,
      before: storableJson(before),
      after: storableJson(after),
      note,
      address,
    });
  } catch (error) {
    deps.log.error({ err: error, operator: operator.name, action, object }, 'a change could not be written down');
  }
}
