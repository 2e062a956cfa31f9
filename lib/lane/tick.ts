import { coalesce } from './coalesce';
import { claimResults, collect } from './collect';
import { type EscalationMemory, escalate } from './escalate';
import type { LaneDeps } from './lane-deps';
import { type PollMemory, poll } from './poll';
import type { LikelyEnd } from './poll-interval';
import { confirmCreated, submit } from './submit';
import { sweep } from './sweep';

const SWEEP_EVERY_MS = 1_000;
const MOST_SUBMITS = 4;
const MOST_COLLECTS = 4;

/** What one lane process remembers. All of it can be lost: the truth is in the store. */
export interface LaneMemory {
  poll: PollMemory;
  escalation: EscalationMemory;
  sweptAt: number;
  /** Batches being sent and results being read. */
  submits: Set<Promise<void>>;
  collects: Set<Promise<void>>;
}

export function laneMemory(likelyEnd: (model: string) => LikelyEnd | null): LaneMemory {
  return {
    poll: { askedAt: new Map(), missingSince: new Map(), likelyEnd },
    escalation: { running: new Map(), renewedAt: 0, headroom: { remaining: null, resetAt: 0, pausedUntil: 0 } },
    sweptAt: 0,
    submits: new Set(),
    collects: new Set(),
  };
}

/**
 * One turn of the lane, by any number of processes on one store:
 *
 *   sweep ─► coalesce ─► submit ─► poll ─► collect ─► escalate
 *
 * What takes long (posts, results, synchronous answers) goes on beside it; `settled` waits for that.
 */
export async function tick(deps: LaneDeps, memory: LaneMemory): Promise<void> {
  for (const made of deps.journal.pending()) await confirmCreated(deps, made);
  if (deps.now() - memory.sweptAt >= SWEEP_EVERY_MS) {
    memory.sweptAt = deps.now();
    await sweep(deps);
  }
  await escalate(deps, memory.escalation);
  while (memory.submits.size < MOST_SUBMITS) {
    const batch = await coalesce(deps);
    if (!batch) break;
    beside(
      deps,
      memory.submits,
      submit(deps, batch),
      'a batch could not be sent; it is taken over when its lease ends',
    );
  }
  await poll(deps, memory.poll);
  while (memory.collects.size < MOST_COLLECTS) {
    const batch = await claimResults(deps);
    if (!batch) break;
    beside(deps, memory.collects, collect(deps, batch), 'results could not be taken over; they are read again');
  }
}

/** Resolves when nothing that a tick began is under way any more. */
export async function settled({ submits, collects, escalation }: LaneMemory): Promise<void> {
  while (submits.size + collects.size + escalation.running.size > 0) {
    await Promise.all([...submits, ...collects, ...escalation.running.values()]);
  }
}

function beside(deps: LaneDeps, running: Set<Promise<void>>, work: Promise<void>, failure: string): void {
  const tracked = work
    .catch((error: unknown) => deps.log.error({ err: error }, failure))
    .finally(() => running.delete(tracked));
  running.add(tracked);
}
