import type { Escalation } from '@/lib/store/lane/lane-store';
import { answerBySync } from './answer-by-sync';
import { type Headroom, limitsOf, newHeadroom } from './headroom';
import { isRecent } from './is-recent';
import type { LaneDeps } from './lane-deps';

/** How far ahead a queue of synchronous answers is looked at. */
const LOOK_AHEAD_MS = 120_000;
/** How long one takes is planned with before any was seen, and how much each that is seen changes the plan. */
const PLANNED_MS = 5_000;
const LEARNED = 0.1;

/** One synchronous answer: being asked for, or there and not yet written. */
interface Answering {
  item: Escalation;
  run: Promise<void>;
  write: (() => Promise<void>) | null;
}

/** Synchronous answers of this process. */
export interface EscalationMemory {
  /** By item and epoch: a process that slept may have claimed an item twice. */
  running: Map<string, Answering>;
  renewedAt: number;
  /** How long an answer takes that can be given; `null`: none was seen. */
  tookMs: number | null;
  /** By credential: what its rate limits leave us. */
  headroom: Map<string, Headroom>;
}

/**
 * Begins the synchronous answers that are due, as many as upstream lets us and no more at a time than the pacing says;
 * when more are pressing than fit, earlier ones begin earlier. Does not wait for them.
 */
export async function escalate(deps: LaneDeps, memory: EscalationMemory): Promise<void> {
  const now = deps.now();
  const { mostEscalations, leaseMs, lateMs } = deps.pacing;
  // What is long overdue is not waited for: its slot is free, and its lease ends. An answer that is there is kept.
  for (const [name, { item, write }] of memory.running) {
    if (!write && item.answerBy + lateMs < now) memory.running.delete(name);
  }
  await renewLeases(deps, memory, now);
  await writeAnswers(deps, memory);
  const slots = mostEscalations - memory.running.size;
  if (slots <= 0) return;
  const pressing = await deps.store.pressing(now + LOOK_AHEAD_MS);
  const waves = Math.ceil(pressing / mostEscalations);
  const claimed = await deps.store.claimEscalations({
    owner: deps.owner,
    leaseUntil: now + leaseMs,
    now,
    leadMs: Math.min(LOOK_AHEAD_MS, Math.max(0, waves - 1) * (memory.tookMs ?? PLANNED_MS)),
    limit: slots,
    isCrowded: pressing > slots,
    limits: limitsOf(memory.headroom, now),
  });
  for (const item of claimed) begin(deps, memory, item, now);
}

function begin(deps: LaneDeps, memory: EscalationMemory, item: Escalation, now: number): void {
  deps.metrics.escalations.inc();
  const headroom = memory.headroom.get(item.credential) ?? newHeadroom();
  headroom.begun++;
  memory.headroom.set(item.credential, headroom);
  const onTook = (ms: number) => {
    const planned = memory.tookMs ?? PLANNED_MS;
    memory.tookMs = planned + LEARNED * (ms - planned);
  };
  const name = `${item.id}/${item.epoch}`;
  const answering: Answering = { item, run: Promise.resolve(), write: null };
  answering.run = answerBySync(deps, item, { headroom, leaseUntil: now + deps.pacing.leaseMs, onTook }).then(
    async (write) => {
      answering.write = write;
      memory.running.set(name, answering);
      await writeAnswer(deps, memory, name, answering);
    },
    (error: unknown) => {
      memory.running.delete(name);
      deps.log.error(
        { err: error },
        'a synchronous answer could not be asked for; another process may, or this one later',
      );
    },
  );
  memory.running.set(name, answering);
}

/** Answers that the store did not take when they came. They are paid for: nobody is to ask for them again. */
async function writeAnswers(deps: LaneDeps, memory: EscalationMemory): Promise<void> {
  for (const [name, answering] of memory.running) await writeAnswer(deps, memory, name, answering);
}

async function writeAnswer(deps: LaneDeps, memory: EscalationMemory, name: string, answering: Answering) {
  if (!answering.write) return;
  try {
    await answering.write();
    memory.running.delete(name);
  } catch (error) {
    deps.log.warn({ err: error }, 'the store did not take a synchronous answer; it is tried again');
  }
}

async function renewLeases(deps: LaneDeps, memory: EscalationMemory, now: number): Promise<void> {
  if (memory.running.size === 0 || isRecent(memory.renewedAt, now, deps.pacing.leaseMs / 3)) return;
  memory.renewedAt = now;
  const ids = [...memory.running.values()].map(({ item }) => item.id);
  await deps.store.renew(ids, deps.owner, now + deps.pacing.leaseMs);
}
