import { ApiError } from '@/lib/core/errors';
import type { Uuid } from '@/lib/core/ids';
import type { Deps } from '@/lib/deps';
import type { Hint } from '@/lib/store/lane/hints';
import type { ItemAnswer, Outcome } from '@/lib/store/lane/lane-store';
import { HeldCall, type HeldCallOptions } from './held-call';
import { HOLD, type HoldPace } from './hold-pace';

interface Held {
  call: HeldCall;
  done: () => void;
  /** Its answer is being fetched, or at hand. */
  isFetching: boolean;
  /** Its answer was written, which is not yet to say that it has arrived. */
  isAnswered: boolean;
}

/** Answers that are written before others get a turn: thousands may be there at once. */
const ANSWERS_AT_ONCE = 50;
/** So many at once are likely not the last: the next come within this, as results are taken over. */
const MANY = 100;
const NEXT_WITHIN_MS = 400;

/**
 * The callers that wait in this process. Their answers come from the lane when it runs here; other processes tell that
 * there are some, and they are asked for once a second in any case. One timer looks after all, however many there are.
 */
export class HeldCallers {
  readonly #held = new Map<Uuid, Held>();
  #ready: Outcome[] = [];
  #timer: NodeJS.Timeout | null = null;
  #polledAt = 0;
  #beatAt = Number.NEGATIVE_INFINITY;
  #isPolling = false;
  /** A hint came while outcomes were being asked for. */
  #pollAgain = false;
  #isBeating = false;
  #listedAt = Number.NEGATIVE_INFINITY;
  #manyAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly deps: () => Deps,
    readonly pace: HoldPace = HOLD,
  ) {}

  get size(): number {
    return this.#held.size;
  }

  /** How many have seen bytes already. */
  get committed(): number {
    return [...this.#held.values()].filter(({ call }) => call.isCommitted).length;
  }

  /** Callers are being answered by the hundred. */
  get isBusy(): boolean {
    return this.deps().clock.monotonic() - this.#manyAt < NEXT_WITHIN_MS;
  }

  start(): void {
    this.#timer = setInterval(() => this.sweep(), this.pace.sweepMs);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
  }

  /** Holds a caller until its item has an outcome, it goes, or it is turned away. */
  hold(options: HeldCallOptions): Promise<void> {
    const { deps } = this;
    const { id, exchange, callerEpoch } = options;
    return new Promise((resolve) => {
      const before = this.#held.get(id);
      const call = new HeldCall(deps(), options, this.pace);
      const held: Held = { call, done: resolve, isFetching: false, isAnswered: false };
      this.#held.set(id, held);
      deps().metrics.lane.held.set(this.#held.size);
      // One item serves one caller: whoever came back is its caller now.
      if (before) this.#end(before, comeBack('another connection of this call has taken over'));
      exchange.onGone(() => {
        if (!this.#release(id, held) && !held.isAnswered) return;
        deps()
          .lane.store.detach(id, callerEpoch, deps().lane.now())
          .catch(() => undefined);
      });
    });
  }

  /** These items have their outcome. */
  wake(outcomes: readonly Outcome[]): void {
    const here = outcomes.filter(({ id }) => this.#held.has(id));
    if (here.length === 0) return;
    for (const { id } of here) {
      const held = this.#held.get(id);
      // Its answer is at hand.
      if (held) held.isFetching = true;
    }
    const isIdle = this.#ready.length === 0;
    this.#ready = isIdle ? here : [...this.#ready, ...here];
    if (here.length >= MANY) this.#manyAt = this.deps().clock.monotonic();
    if (isIdle) this.#deliverSome();
  }

  /** This item has its outcome, and the answer is to be fetched. */
  fetch(id: Uuid): void {
    const held = this.#held.get(id);
    if (held && !held.isFetching) this.#fetch(id, held);
  }

  /** Another process says so; nothing rests on it. */
  hear(hint: Hint): void {
    if (hint.kind === 'outcome') this.#poll(this.deps().clock.monotonic());
    else this.#displaced(hint.id, hint.callerEpoch);
  }

  /** Gives every caller the sign of life that is due, and asks for outcomes. */
  sweep(): void {
    const now = this.deps().clock.monotonic();
    for (const [id, held] of this.#held) {
      if (held.call.sign(now) === 'hand_over') this.#handOver(id, held);
    }
    if (now - this.#beatAt >= this.pace.aliveMs / 3) void this.#beat(now);
    if (this.#held.size > 0 && now - this.#polledAt >= this.pace.pollMs) this.#poll(now);
  }

  /** SIGTERM: who saw no byte yet comes back to another process, or to the next one; the others are answered soon. */
  drain(): void {
    const { lane } = this.deps();
    const committed: Uuid[] = [];
    for (const [id, held] of this.#held) {
      if (held.call.isCommitted) committed.push(id);
      else this.#handOver(id, held);
    }
    if (committed.length > 0) lane.store.hurry(committed, lane.now()).catch(() => undefined);
  }

  /** The grace is over. */
  cut(): void {
    for (const [id, held] of this.#held) {
      this.#release(id, held);
      held.call.turnAway(new ApiError('overloaded_error', 'Offpeak is stopping; try again'));
    }
  }

  #deliverSome(): void {
    for (const { id, answer } of this.#ready.splice(0, ANSWERS_AT_ONCE)) {
      const held = this.#held.get(id);
      if (held) this.#deliver(id, held, answer);
    }
    if (this.#ready.length > 0) setImmediate(() => this.#deliverSome());
  }

  #deliver(id: Uuid, held: Held, answer: ItemAnswer): void {
    if (!this.#release(id, held)) return;
    held.isAnswered = true;
    held.call.deliver(answer);
  }

  #fetch(id: Uuid, held: Held): void {
    held.isFetching = true;
    this.deps()
      .lane.store.answerOf(id)
      .then((answer) => answer && this.#deliver(id, held, answer))
      .catch((error: unknown) =>
        this.deps().log.warn({ err: error }, 'an outcome could not be fetched; it is asked for again'),
      )
      .finally(() => {
        held.isFetching = false;
      });
  }

  /** Its client has come back by another connection, which has the epoch from `epoch` on; it waits no more on this one. */
  #displaced(id: Uuid, epoch: number): void {
    const held = this.#held.get(id);
    if (!held || held.call.options.callerEpoch >= epoch || !this.#release(id, held)) return;
    held.call.turnAway(comeBack('another connection of this call has taken over'));
  }

  #handOver(id: Uuid, held: Held): void {
    if (!this.#release(id, held)) return;
    const { lane } = this.deps();
    lane.store
      .handOver(id, held.call.options.callerEpoch, lane.now())
      .catch(() => undefined)
      .finally(() => held.call.turnAway(comeBack('The answer is not there yet; come back for it')));
  }

  #end(held: Held, error: ApiError): void {
    held.done();
    held.call.turnAway(error);
  }

  /** False: it was released before. */
  #release(id: Uuid, held: Held): boolean {
    held.done();
    if (this.#held.get(id) !== held) return false;
    this.#held.delete(id);
    this.deps().metrics.lane.held.set(this.#held.size);
    return true;
  }

  #poll(now: number): void {
    this.#pollAgain = this.#isPolling;
    if (this.#isPolling) return;
    this.#isPolling = true;
    this.#polledAt = now;
    const { lane } = this.deps();
    lane.store
      .outcomesOf(lane.owner)
      .then((outcomes) => {
        for (const { id } of outcomes) this.fetch(id);
      })
      // Postgres is away: outcomes wait there, callers here.
      .catch(() => undefined)
      .finally(() => {
        this.#isPolling = false;
        if (this.#pollAgain) this.#poll(this.deps().clock.monotonic());
      });
  }

  /** Says that this process lives and, more rarely, which connections are all that it holds. */
  async #beat(now: number): Promise<void> {
    if (this.#isBeating) return;
    this.#isBeating = true;
    this.#beatAt = now;
    const { lane } = this.deps();
    try {
      await lane.store.heartbeat(lane.owner, lane.now() + this.pace.aliveMs);
      // Twice before the grace of a caller that seemed gone is over.
      if (now - this.#listedAt < this.pace.aliveMs / 2) return;
      const held = [...this.#held].map(([id, { call }]) => ({ id, callerEpoch: call.options.callerEpoch }));
      const lost = new Set(await lane.store.hold(lane.owner, held, lane.now()));
      this.#listedAt = now;
      for (const { id, callerEpoch } of held) if (lost.has(id)) this.#displaced(id, callerEpoch + 1);
    } catch {
      // Said again with the next beat.
    } finally {
      this.#isBeating = false;
    }
  }
}

/** Tells a client to make its call again. */
export function comeBack(message: string): ApiError {
  return new ApiError('timeout_error', message, { headers: { 'x-should-retry': 'true', 'retry-after': '1' } });
}
