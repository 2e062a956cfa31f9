import { escalateAfterMs, horizonMs, type Timing } from '@/lib/core/auto/horizon';
import { CACHE_TTL_MS, type CacheTtl } from '@/lib/core/auto/prefix-state';
import { EventQueue } from './event-queue';
import { draw, normal } from './random';
import type { Session, Trace, Turn } from './trace';

const WINDOW_MS = 5_000;
const CREATE_LAG_MS = 1_000;
const COLLECT_LAG_MS = 2_000;
/** A batch reads what is warm while it runs only so often. */
const BATCH_READS = 0.8;
/** Calls that have minutes do not wait for those that have hours. */
const DEADLINE_CLASSES_MS = [300_000, 1_800_000, 14_400_000];
const INCIDENT_GRACE_MS = 15 * 60_000;

/** USD per million tokens: input, output, cache write by its TTL, cache read. Batches pay half. */
export const USD = { input: 3, output: 15, write: { '5m': 3.75, '1h': 6 }, read: 0.3 };

/** One batch of the world. */
export interface WorldBatch {
  createdAt: number;
  endsAt: number;
  /** When its results are read. */
  readAt: number;
}

/** What a policy is shown of a call. */
export interface Offer {
  at: number;
  session: Session;
  turn: Turn;
  isLastTurn: boolean;
  timing: Timing;
  /** ms that the batch may take. */
  h: number;
  /** The true state of its prefix: when sync last used it. */
  lastSyncAt: number | null;
  /** Batches that exist, by creation. */
  batches: readonly WorldBatch[];
  /** What only a clairvoyant may look at: would it be back in time? */
  peek(): boolean;
}

export interface Answer {
  lane: 'sync' | 'batch';
  arrivedAt: number;
  answeredAt: number;
  /** Tokens that its delivered call read and wrote. */
  read: number;
  written: number;
}

export interface Policy {
  /** `explore`: to batch, without being judged good. */
  decide(offer: Offer): 'sync' | 'batch' | 'explore';
  answered?(offer: Offer, answer: Answer): void;
}

export interface Outcome {
  usd: number;
  calls: number;
  /** Sent by judgement, and those of them that were escalated; without those that an incident met unforeseen. */
  sent: number;
  escalated: number;
  explored: number;
  /** Answered after their deadline. */
  late: number;
}

/** A call in the batch lane. */
interface Item {
  offer: Offer;
  isDone: boolean;
}

interface Group {
  first: number;
  createdAt: number;
  items: Item[];
}

/** Plays a trace under a policy: same calls, same chances, same deadlines, whoever decides. */
export function simulate(trace: Trace, policy: Policy): Outcome {
  return new Simulation(trace, policy).run();
}

class Simulation {
  readonly #queue = new EventQueue();
  readonly #batches: WorldBatch[];
  readonly #open = new Map<number, Group>();
  readonly #lastSyncAt = new Map<number, number>();
  readonly #outcome: Outcome = { usd: 0, calls: 0, sent: 0, escalated: 0, explored: 0, late: 0 };

  constructor(
    private readonly trace: Trace,
    private readonly policy: Policy,
  ) {
    this.#batches = trace.history.map((createdAt, i) => this.#batch(createdAt, -1 - i));
  }

  run(): Outcome {
    for (const session of this.trace.sessions) this.#queue.push(session.startsAt, (at) => this.#turn(session, 0, at));
    this.#queue.drain();
    return this.#outcome;
  }

  #turn(session: Session, i: number, at: number): void {
    const turn = session.turns[i];
    if (!turn) return;
    const timing = {
      deadlineMs: turn.toleranceMs,
      syncNeedMs: turn.syncNeedMs,
      windowMs: WINDOW_MS,
      createLagMs: CREATE_LAG_MS,
      collectLagMs: COLLECT_LAG_MS,
    };
    const offer: Offer = {
      at,
      session,
      turn,
      isLastTurn: i === session.turns.length - 1,
      timing,
      h: horizonMs(timing),
      lastSyncAt: this.#lastSyncAt.get(session.id) ?? null,
      batches: this.#batches,
      peek: () => {
        const group = this.#open.get(deadlineClass(turn));
        const createdAt = group?.createdAt ?? at + WINDOW_MS + CREATE_LAG_MS;
        return this.#batch(createdAt, group?.first ?? turn.n).readAt <= at + escalateAfterMs(timing);
      },
    };
    this.#outcome.calls++;
    const decision = this.policy.decide(offer);
    if (decision === 'sync') this.#bySync(offer, at, i);
    else this.#send(offer, decision, i);
  }

  #send(offer: Offer, decision: 'batch' | 'explore', i: number): void {
    const { at, turn, timing } = offer;
    const escalateAt = at + escalateAfterMs(timing);
    const counts = decision === 'batch' && !this.#isUnforeseen(at, escalateAt);
    if (decision === 'explore') this.#outcome.explored++;
    if (counts) this.#outcome.sent++;
    const item: Item = { offer, isDone: false };
    const kind = deadlineClass(turn);
    let group = this.#open.get(kind);
    if (!group) {
      group = { first: turn.n, createdAt: at + WINDOW_MS + CREATE_LAG_MS, items: [] };
      const made = group;
      this.#open.set(kind, made);
      this.#queue.push(at + WINDOW_MS, () => this.#open.delete(kind));
      this.#queue.push(made.createdAt, () => this.#create(made));
    }
    group.items.push(item);
    this.#queue.push(escalateAt, () => {
      if (item.isDone) return;
      item.isDone = true;
      if (counts) this.#outcome.escalated++;
      this.#bySync(offer, escalateAt, i);
    });
  }

  #create({ first, createdAt, items }: Group): void {
    const batch = this.#batch(createdAt, first);
    this.#batches.push(batch);
    this.#queue.push(batch.readAt, (at) => {
      for (const item of items) {
        const { offer } = item;
        const bill = this.#batchBill(offer, batch);
        this.#outcome.usd += bill.usd;
        if (item.isDone) continue;
        item.isDone = true;
        this.policy.answered?.(offer, { lane: 'batch', arrivedAt: offer.at, answeredAt: at, ...bill });
        this.#next(offer, at);
      }
    });
  }

  #bySync(offer: Offer, at: number, i: number): void {
    const { session, turn } = offer;
    const latency = 2_000 + (turn.output / 80) * 1_000 * Math.exp(0.3 * normal(draw(this.trace.seed, 'sync', turn.n)));
    const isWarm = this.#isWarm(session.id, at);
    const read = isWarm ? turn.cached : 0;
    const written = turn.cached + turn.added - read;
    this.#outcome.usd += bill(turn, read, written, this.trace.ttl);
    this.#queue.push(at + latency, (answeredAt) => {
      this.#lastSyncAt.set(session.id, answeredAt);
      if (answeredAt > offer.at + turn.toleranceMs) this.#outcome.late++;
      this.policy.answered?.(offer, { lane: 'sync', arrivedAt: at, answeredAt, read, written });
      this.#next(offer, answeredAt);
    });
    if (session.turns[i] !== turn) throw new Error('a turn out of order');
  }

  #next({ session, turn }: Offer, at: number): void {
    const next = session.turns.indexOf(turn) + 1;
    const following = session.turns[next];
    if (following) this.#queue.push(at + following.thinkMs, (then) => this.#turn(session, next, then));
  }

  #batchBill({ session, turn }: Offer, { createdAt, endsAt }: WorldBatch) {
    const isWarm = this.#isWarm(session.id, (createdAt + endsAt) / 2);
    const read = isWarm && draw(this.trace.seed, 'batch read', turn.n) < BATCH_READS ? turn.cached : 0;
    const written = turn.cached + turn.added - read;
    return { usd: bill(turn, read, written, this.trace.ttl) / 2, read, written };
  }

  #isWarm(session: number, at: number): boolean {
    const last = this.#lastSyncAt.get(session);
    return last !== undefined && at < last + CACHE_TTL_MS[this.trace.ttl];
  }

  #batch(createdAt: number, n: number): WorldBatch {
    const { seed, law } = this.trace;
    const endsAt = createdAt + law.turnaroundMs(createdAt, draw(seed, 'part', n), draw(seed, 'size', n));
    return { createdAt, endsAt, readAt: endsAt + COLLECT_LAG_MS };
  }

  /** Out when an incident began, or sent in its first 15 minutes. */
  #isUnforeseen(at: number, escalateAt: number): boolean {
    return this.trace.incidents.some(({ from }) => at < from + INCIDENT_GRACE_MS && escalateAt > from);
  }
}

function bill({ other, output }: Turn, read: number, written: number, ttl: CacheTtl): number {
  return (USD.input * other + USD.output * output + USD.read * read + USD.write[ttl] * written) / 1e6;
}

function deadlineClass({ toleranceMs }: Turn): number {
  return DEADLINE_CLASSES_MS.findIndex((most) => toleranceMs <= most);
}
