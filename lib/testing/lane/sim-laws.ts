import type { Uuid } from '@/lib/core/ids';
import type { FakeBatch } from './fake-batch';
import type { LedgerEntry } from './fake-upstream';
import type { MemoryItem } from './memory-lane-database';
import type { SimCaller } from './sim-caller';
import type { SimProcess, SimWorld } from './sim-process';

/** A caller's answer is on its way for so long at most, slow statements and lost claims to it included. */
const HELD_MS = 15_000;
const LIVE = new Set(['intent', 'posting', 'unknown', 'open', 'ended']);

/** What must hold in every run, at every moment or at its end. */
export class SimLaws {
  readonly broken: string[] = [];
  readonly report: Record<string, number> = {};
  /** Outcome of every item that has one. */
  readonly #outcomes = new Map<Uuid, string>();
  /** Since when an item has waited for a synchronous answer that could have begun. */
  readonly #dueSince = new Map<Uuid, number>();
  readonly #seen = new Map<Uuid, MemoryItem>();
  readonly #states = new Map<Uuid, string>();
  readonly #storeFails: boolean;

  constructor(
    private readonly world: SimWorld,
    private readonly callers: readonly SimCaller[],
  ) {
    this.#storeFails = world.faults.storeFails > 0;
  }

  break(text: string): void {
    this.broken.push(text);
  }

  /** Something worth reaching happened. */
  count(what: string, by = 1): void {
    this.report[what] = (this.report[what] ?? 0) + by;
  }

  onCreate(batch: FakeBatch): void {
    const { pacing, upstream } = this.world;
    this.count('batches');
    if (batch.items.length > pacing.mostBatchItems) this.break(`${batch.id} holds ${batch.items.length} items`);
    const ids = new Set(batch.items.map(({ customId }) => itemOf(customId)));
    if (ids.size !== batch.items.length || ids.size === 0) this.break(`${batch.id} holds an item twice, or none`);
    // No item is in two live batches, but for what a process wrote that had slept through its own deadline.
    for (const other of upstream.batches) {
      if (other === batch || other.isForeign || other.status === 'ended' || other.isLate || batch.isLate) continue;
      if (other.items.some(({ customId }) => ids.has(itemOf(customId)))) {
        this.break(`${batch.id} holds an item of ${other.id}, which is still running`);
      }
    }
  }

  onMessage(marker: string): void {
    this.count('syncCalls');
    const open = [...this.world.db.items.values()].some((item) => markerIn(item, this.world) === marker);
    if (!open) this.break(`${marker} is answered by sync although it is no item`);
  }

  onCancel(batch: FakeBatch): void {
    this.count('cancels');
    for (const { customId } of batch.items) {
      const item = [...this.world.db.items.values()].find((one) => one.customId === customId);
      if (item && item.state !== 'done') this.break(`${batch.id} is canceled although ${item.id} waits for it`);
    }
  }

  /** A process has been once through the lane: what was due when it began is under way, and what was done delivered. */
  onTurn(process: SimProcess): void {
    if (!process.isAlive) return;
    this.#checkHeld(process);
    this.#checkDue(process);
  }

  #checkHeld({ held, turnedAt, wellSince, name }: SimProcess): void {
    for (const [id, since] of held) {
      const item = this.world.db.items.get(id);
      // Its caller may have been taken from a process that slept; it is given back with the next sign of life.
      if (item?.state !== 'done' || (item.outcomeAt ?? 0) > Math.max(turnedAt, wellSince) - HELD_MS) continue;
      if (Math.max(wellSince, since) < turnedAt - HELD_MS)
        this.break(`${name} holds ${id}, which has been done for long`);
    }
  }

  #checkDue(process: SimProcess): void {
    const { pacing, upstream, time } = this.world;
    if (pacing.mostEscalations < 64) return;
    for (const [id, since] of this.#dueSince) {
      const item = this.world.db.items.get(id);
      if (!item || !isDue(item, time.now())) continue;
      const { credential } = item.group;
      if (process.turnedAt <= since || process.wellSince >= since) continue;
      if ((upstream.pausedUntil.get(credential) ?? 0) > since || upstream.isScarce) continue;
      if (upstream.isFailing(credential)) continue;
      this.break(`${id} has been due for ${time.now() - since} ms, and ${process.name} left it`);
    }
  }

  check(): void {
    const { db, time } = this.world;
    const now = time.now();
    for (const item of db.items.values()) {
      this.#seen.set(item.id, item);
      this.#checkPlace(item);
      this.#checkOutcome(item);
      if (!isDue(item, now)) this.#dueSince.delete(item.id);
      else if (!this.#dueSince.has(item.id)) this.#dueSince.set(item.id, now);
    }
    for (const batch of db.batches.values()) {
      const before = this.#states.get(batch.id);
      if (before === batch.state) continue;
      this.#states.set(batch.id, batch.state);
      this.count(`${before ?? ''} → ${batch.state}`);
    }
  }

  /** It is in a batch that may still answer it, or in none. */
  #checkPlace({ id, state, batchId, customId }: MemoryItem): void {
    const batch = batchId ? this.world.db.batches.get(batchId) : undefined;
    if (state === 'batched' && (!batch || !LIVE.has(batch.state) || !customId)) this.break(`${id} waits for no batch`);
    if (state === 'queued' && batchId !== null) this.break(`${id} is queued, and in a batch`);
  }

  #checkOutcome(item: MemoryItem): void {
    const { db, time } = this.world;
    const before = this.#outcomes.get(item.id);
    if (item.state !== 'done') {
      if (before) this.break(`${item.id} was ${before} and is ${item.state} again`);
      return;
    }
    const answer = db.results.get(item.id);
    const outcome = `${item.outcome} ${answer?.servedBy ?? ''} ${answer?.attempt?.key ?? ''}`;
    if (before === undefined) {
      this.#outcomes.set(item.id, outcome);
      this.count(`${item.outcome} by ${answer?.servedBy ?? 'nobody'}`);
      const isOfNoUse = item.outcome === 'failed' && answer?.servedBy === 'batch';
      if (
        isOfNoUse &&
        answer.errorType !== 'invalid_request_error' &&
        item.escalateAt !== null &&
        item.answerBy > time.now()
      ) {
        this.break(`${item.id} was told ${answer.errorType}, with time left for a synchronous answer`);
      }
      if (item.outcome !== 'dropped' && !answer) this.break(`${item.id} is ${item.outcome} without an answer`);
    } else if (answer && before !== outcome) this.break(`${item.id} was ${before} and is ${outcome}`);
  }

  isDrained(): boolean {
    const { db } = this.world;
    for (const item of db.items.values()) if (item.state !== 'done' || item.closedAt === null) return false;
    for (const { state } of db.batches.values()) if (state !== 'closed' && state !== 'void') return false;
    return true;
  }

  whatIsLeft(): string {
    const { db } = this.world;
    const items = [...db.items.values()].filter((item) => item.state !== 'done' || item.closedAt === null);
    const batches = [...db.batches.values()].filter(({ state }) => state !== 'closed' && state !== 'void');
    const callers = this.callers.filter(({ state }) => state === 'calling').map(({ plan }) => plan.marker);
    const texts = [...items, ...batches].map((row) => JSON.stringify({ ...row, opened: undefined, group: undefined }));
    return [...texts, ...callers].join('\n');
  }

  checkEnd(): void {
    const { db, upstream } = this.world;
    for (const caller of this.callers) {
      for (const id of caller.items) {
        if (this.#seen.has(id) && !this.#outcomes.has(id)) this.break(`${id} has no outcome`);
        if (this.#seen.has(id) && !db.logged.has(id)) this.break(`${id} has no log row`);
      }
    }
    const booked = new Map<string, string | null>();
    for (const attempts of db.attempts.values()) {
      for (const { key, costPico } of attempts.values()) {
        if (booked.has(key)) this.break(`${key} is booked twice`);
        booked.set(key, costPico);
      }
    }
    for (const entry of upstream.ledger) {
      const cost = booked.get(entry.key);
      booked.delete(entry.key);
      if (cost === undefined) this.#checkUnbooked(entry);
      else if (cost !== String(entry.costPico))
        this.break(`${entry.key} cost ${entry.costPico} and is booked as ${cost}`);
    }
    for (const [key, cost] of booked)
      if (cost !== '0') this.break(`${key} is booked with ${cost} and was never billed`);
    this.#checkTwicePaid();
  }

  /** Billed and never booked: only what the lane cannot know. */
  #checkUnbooked(entry: LedgerEntry): void {
    const { key, batch } = entry;
    if (batch === null) {
      const why = whyUnheard(entry);
      if (why === null) this.break(`${key} was billed and answered, but is not booked`);
      else this.count(`unbooked: ${why}`);
      return;
    }
    const row = [...this.world.db.batches.values()].find(({ nonce }) => nonce === batch.nonce);
    // Written after its deadline by a process that died, or lost the store, before it could say so.
    const isUnheard = batch.isLate && (!batch.maker?.isAlive || this.#storeFails);
    if (row?.msgbatchId !== batch.id && isUnheard) this.count('unbooked: late and lost');
    else if (row?.error === 'its credential is gone' && batch.isLate)
      this.count('unbooked: late, without a credential');
    else this.break(`${key} was billed, but is not booked: its batch is ${row?.state}, ${row?.error}`);
  }

  /** What was paid for more often than it was asked. */
  #checkTwicePaid(): void {
    const { ledger } = this.world.upstream;
    for (const marker of new Set(ledger.map((entry) => entry.marker))) {
      const copies = new Set(
        this.callers.filter(({ plan }) => plan.marker === marker).flatMap(({ items }) => [...items]),
      );
      const of = (kind: LedgerEntry['kind']) =>
        ledger.filter((entry) => entry.marker === marker && entry.kind === kind);
      const batch = of('batch').filter((entry) => !entry.batch?.isLate);
      // A synchronous call is made again only when nobody can have heard its answer, or whoever made it seemed dead.
      const sync = of('sync').filter((entry) => whyUnheard(entry) === null && !entry.isDoubtful);
      if (batch.length > copies.size) this.break(`${marker} is ${copies.size} items, paid in ${batch.length} batches`);
      if (sync.length > copies.size)
        this.break(`${marker} is ${copies.size} items, answered by sync ${sync.length} times`);
      if (batch.length > 0 && sync.length > 0) this.count('paid in both lanes');
      if (of('batch').length > batch.length) this.count('paid in a batch that came too late');
    }
  }
}

/** Why a synchronous answer was of no use; `null`: it was. */
function whyUnheard({ unseen, host, seenAt }: LedgerEntry): string | null {
  if (unseen !== null) return unseen;
  // Between an answer and its booking there is one write: who dies there takes the answer along.
  return host?.diedAt != null && host.diedAt - seenAt < 5_000 ? 'the process died with it' : null;
}

/** Its synchronous answer should have begun. */
function isDue({ state, goneAt, escalateAt, answerBy }: MemoryItem, now: number): boolean {
  const isWaiting = (state === 'queued' || state === 'batched') && goneAt === null;
  return isWaiting && escalateAt !== null && escalateAt < now && answerBy > now;
}

function itemOf(customId: string): string {
  return customId.slice(customId.indexOf('-') + 1);
}

function markerIn({ id }: MemoryItem, { db }: SimWorld): string {
  const body = db.bodies.get(id)?.body.toString('utf8') ?? '';
  return /"content":"([^"]*)"/.exec(body)?.[1] ?? '';
}
