import { cancelAbandoned } from './cancel';
import { coalesce } from './coalesce';
import { claimResults, collect } from './collect';
import { type EscalationMemory, escalate } from './escalate';
import { inTurn } from './in-turn';
import { isRecent } from './is-recent';
import type { LaneDeps } from './lane-deps';
import { type PollMemory, poll } from './poll';
import type { LikelyEnd } from './poll-interval';
import { probe } from './probe';
import { settleCreated, submit } from './submit';
import { sweep } from './sweep';
import { UnderWay } from './under-way';

const SWEEP_EVERY_MS = 1_000;
const PROBE_EVERY_MS = 1_000;
const MOST_SUBMITS = 4;
const MOST_COLLECTS = 4;

/** What one lane process remembers. All of it can be lost: the truth is in the store. */
export interface LaneMemory {
  poll: PollMemory;
  escalation: EscalationMemory;
  sweptAt: number;
  probedAt: number;
  canceledAt: number;
  /** Batches being sent, results being read, lists being asked for. */
  submits: UnderWay;
  collects: UnderWay;
  asks: UnderWay;
}

export function laneMemory(likelyEnd: (model: string) => LikelyEnd | null): LaneMemory {
  return {
    poll: { askedAt: new Map(), missingSince: new Map(), likelyEnd },
    escalation: { running: new Map(), renewedAt: 0, tookMs: null, headroom: new Map() },
    sweptAt: 0,
    probedAt: 0,
    canceledAt: 0,
    submits: new UnderWay(),
    collects: new UnderWay(),
    asks: new UnderWay(),
  };
}

/**
 * One turn of the lane, by any number of processes on one store:
 *
 *   sweep ─► escalate ─► probe ─► coalesce ─► submit ─► poll ─► collect ─► cancel
 *
 * Every call of upstream (posts, lists, results, synchronous answers) goes on beside it, so that none of them can keep
 * an escalation waiting; `settled` waits for them.
 * @throws the first failure, after every verb had its turn.
 */
export async function tick(deps: LaneDeps, memory: LaneMemory): Promise<void> {
  const hungSince = deps.now() - deps.pacing.hungMs;
  for (const running of [memory.submits, memory.collects, memory.asks]) running.forget(hungSince);
  await inTurn([
    () => confirmPending(deps, memory),
    async () => {
      if (isRecent(memory.sweptAt, deps.now(), SWEEP_EVERY_MS)) return;
      memory.sweptAt = deps.now();
      await sweep(deps);
    },
    () => escalate(deps, memory.escalation),
    async () => {
      if (isRecent(memory.probedAt, deps.now(), PROBE_EVERY_MS)) return;
      memory.probedAt = deps.now();
      await probe(deps, memory.asks);
    },
    () => submitDue(deps, memory.submits),
    () => poll(deps, memory.poll, memory.asks),
    () => collectEnded(deps, memory.collects),
    async () => cancelUnneeded(deps, memory),
  ]);
}

/** Resolves when no call of upstream that a tick began is under way any more. */
export async function settled({ submits, collects, asks, escalation }: LaneMemory): Promise<void> {
  for (;;) {
    const answers = [...escalation.running.values()].flatMap(({ run, write }) => (write ? [] : [run]));
    const runs = [...submits.runs(), ...collects.runs(), ...asks.runs(), ...answers];
    if (runs.length === 0) return;
    await Promise.all(runs);
  }
}

/** What this process, or the one before it in its place, could not tell the store. */
async function confirmPending(deps: LaneDeps, { submits }: LaneMemory): Promise<void> {
  for (const made of deps.journal.pending()) if (!submits.has(made.batchId)) await settleCreated(deps, made);
}

async function submitDue(deps: LaneDeps, submits: UnderWay): Promise<void> {
  while (submits.size < MOST_SUBMITS) {
    const batch = await coalesce(deps);
    if (!batch) return;
    submits.begin(batch.id, deps.now(), () =>
      submit(deps, batch).catch((error: unknown) =>
        deps.log.error({ err: error }, 'a batch could not be sent; it is taken over when its lease ends'),
      ),
    );
  }
}

async function collectEnded(deps: LaneDeps, collects: UnderWay): Promise<void> {
  while (collects.size < MOST_COLLECTS) {
    const batch = await claimResults(deps);
    if (!batch) return;
    collects.begin(batch.id, deps.now(), (alive) =>
      collect(deps, batch, alive)
        .catch((error: unknown) =>
          deps.log.error({ err: error }, 'results could not be taken over; they are read again'),
        )
        // Others may have been waiting for their turn.
        .finally(() => deps.soon()),
    );
  }
}

function cancelUnneeded(deps: LaneDeps, memory: LaneMemory): void {
  const now = deps.now();
  if (isRecent(memory.canceledAt, now, deps.pacing.sparsestPollMs) || memory.asks.has('cancel')) return;
  memory.canceledAt = now;
  memory.asks.begin('cancel', now, () =>
    cancelAbandoned(deps).catch((error: unknown) =>
      deps.log.warn({ err: error }, 'batches that nobody needs could not be looked for'),
    ),
  );
}
