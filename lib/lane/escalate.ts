import type { Uuid } from '@/lib/core/ids';
import { answerBySync } from './answer-by-sync';
import type { LaneDeps } from './lane-deps';

/** How far ahead a queue of synchronous answers is looked at, and how long one may take at most to plan with. */
const LOOK_AHEAD_MS = 120_000;
const PLANNED_MS = 5_000;

/** Synchronous answers under way in this process. */
export interface EscalationMemory {
  running: Map<Uuid, Promise<void>>;
  renewedAt: number;
  headroom: Headroom;
}

/** What upstream's rate-limit headers left us. */
export interface Headroom {
  /** Requests that may be begun until `resetAt`; `null`: it did not say. */
  remaining: number | null;
  resetAt: number;
  /** A 429 asked for a pause. */
  pausedUntil: number;
}

/**
 * Begins the synchronous answers that are due, as many as upstream lets us and no more at a time than the pacing says;
 * when more are pressing than fit, earlier ones begin earlier. Does not wait for them.
 */
export async function escalate(deps: LaneDeps, memory: EscalationMemory): Promise<void> {
  const now = deps.now();
  await renewLeases(deps, memory, now);
  const slots = Math.min(deps.pacing.mostEscalations - memory.running.size, allowed(memory.headroom, now));
  if (slots <= 0) return;
  const pressing = await deps.store.pressing(now + LOOK_AHEAD_MS);
  const waves = Math.ceil(pressing / deps.pacing.mostEscalations);
  const claimed = await deps.store.claimEscalations({
    owner: deps.owner,
    leaseUntil: now + deps.pacing.leaseMs,
    now,
    leadMs: Math.min(LOOK_AHEAD_MS, Math.max(0, waves - 1) * PLANNED_MS),
    limit: slots,
  });
  for (const item of claimed) {
    deps.metrics.escalations.inc();
    const run = answerBySync(deps, item, memory.headroom)
      .catch((error: unknown) =>
        deps.log.error({ err: error }, 'a synchronous answer could not be settled; it is tried again'),
      )
      .finally(() => memory.running.delete(item.id));
    memory.running.set(item.id, run);
  }
}

async function renewLeases(deps: LaneDeps, memory: EscalationMemory, now: number): Promise<void> {
  if (memory.running.size === 0 || now - memory.renewedAt < deps.pacing.leaseMs / 3) return;
  memory.renewedAt = now;
  await deps.store.renew([...memory.running.keys()], deps.owner, now + deps.pacing.leaseMs);
}

function allowed({ remaining, resetAt, pausedUntil }: Headroom, now: number): number {
  if (now < pausedUntil) return 0;
  // Some are left to the callers of the sync lane.
  return remaining === null || now >= resetAt ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(remaining / 2));
}
