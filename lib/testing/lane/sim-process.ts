import type { Uuid } from '@/lib/core/ids';
import { PriceBook, type PriceRow } from '@/lib/core/pricing';
import type { OpenedRecord } from '@/lib/core/request-record';
import type { CreatedBatch, CreatedJournal } from '@/lib/lane/created-journal';
import type { CrashPoint, LaneDeps } from '@/lib/lane/lane-deps';
import type { Pacing } from '@/lib/lane/pacing';
import { type LaneMemory, laneMemory, tick } from '@/lib/lane/tick';
import type { ItemAnswer, LaneStore } from '@/lib/store/lane/lane-store';
import type { FakeUpstream, Host } from './fake-upstream';
import { nextId } from './lane-items';
import type { MemoryLaneDatabase } from './memory-lane-database';
import type { SimRandom } from './sim-random';
import type { SimTime } from './sim-time';

/** What goes wrong with processes and their way to the store. */
export interface ProcessFaults {
  /** At each crash point. */
  crash: number;
  /** A statement that takes a while, that fails before it was done, and after. */
  storeSlow: number;
  storeFails: number;
}

/** Everything that the processes of one run share. */
export interface SimWorld {
  time: SimTime;
  random: SimRandom;
  upstream: FakeUpstream;
  db: MemoryLaneDatabase;
  store: LaneStore;
  pacing: Pacing;
  faults: ProcessFaults;
  tickMs: [least: number, most: number];
  trace(text: string): void;
  /** A process died. */
  onCrash(process: SimProcess): void;
  onTurn(process: SimProcess): void;
}

/** A connection that waits for its answer. */
export interface SimConnection {
  /** It still listens. */
  readonly isOpen: boolean;
  answer(answer: ItemAnswer): void;
  /** It was told to come back, or its process died. */
  turnAway(why: 'come back' | 'reset'): void;
}

/** What outlives a process: the disk of its machine. */
export class SimMachine implements CreatedJournal {
  readonly #pending = new Map<Uuid, CreatedBatch>();
  constructor(readonly name: string) {}

  append(created: CreatedBatch): void {
    this.#pending.set(created.batchId, created);
  }
  pending(): CreatedBatch[] {
    return [...this.#pending.values()];
  }
  forget(batchId: Uuid): void {
    this.#pending.delete(batchId);
  }
}

interface Held {
  connection: SimConnection;
  callerEpoch: number;
  opened: OpenedRecord;
  since: number;
}

/** Callers count as alive for this long after their process' last sign. */
const ALIVE_MS = 5_000;

/**
 * One process: the lane's loop, and callers that wait in it as the gateway holds them. All that it does passes through
 * `#outside`, so that it can be slowed, stopped for a while, and killed between any two steps.
 */
export class SimProcess implements Host {
  isAlive = true;
  diedAt: number | null = null;
  readonly name: string;
  readonly memory: LaneMemory = laneMemory(() => null);
  /** Since when it has run without a stop or a failure of the store. */
  wellSince: number;
  /** Its last turn of the lane that got to its end began then. */
  turnedAt = 0;
  /** Stops so far, for who wants to know whether there was one. */
  pauses = 0;
  readonly #held = new Map<Uuid, Held>();
  /** Connections whose item is being looked for or queued, or that are about to be turned away. */
  readonly #passing = new Set<SimConnection>();
  readonly #deps: LaneDeps;
  #pausedUntil = 0;
  #beatAt = 0;

  constructor(
    private readonly world: SimWorld,
    readonly machine: SimMachine,
    incarnation: number,
  ) {
    this.name = `${machine.name}.${incarnation}`;
    this.wellSince = world.time.now();
    this.#deps = this.#laneDeps();
    void this.#run();
  }

  get isRunning(): boolean {
    return this.isAlive && this.world.time.now() >= this.#pausedUntil;
  }

  async awake(): Promise<void> {
    if (!this.isAlive) return never();
    const { time } = this.world;
    while (time.now() < this.#pausedUntil) {
      await time.until(this.#pausedUntil);
      if (!this.isAlive) return never();
    }
  }

  pause(ms: number): void {
    const { time, trace } = this.world;
    trace(`${this.name} stops for ${ms} ms`);
    this.#pausedUntil = Math.max(this.#pausedUntil, time.now() + ms);
    this.wellSince = this.#pausedUntil;
    this.pauses++;
  }

  kill(where: string): void {
    if (!this.isAlive) return;
    this.world.trace(`${this.name} dies ${where}`);
    this.isAlive = false;
    this.diedAt = this.#now;
    const connections = [...this.#passing, ...[...this.#held.values()].map(({ connection }) => connection)];
    this.#passing.clear();
    this.#held.clear();
    for (const connection of connections) connection.turnAway('reset');
    this.world.onCrash(this);
  }

  // The gateway's part.

  /** A call has come: its item, an old one where there is one, is its connection's from now on. */
  async take(
    connection: SimConnection,
    ask: { fingerprint: string; isRetry: boolean },
    queue: (store: LaneStore, caller: string) => Promise<{ id: Uuid; opened: OpenedRecord }>,
  ): Promise<void> {
    const { store } = this.#deps;
    const caller = this.name;
    this.#passing.add(connection);
    const found = await store
      .attach({ ...ask, caller, now: this.#now, windowMs: this.world.pacing.reattachMs })
      .catch(() => null);
    const { id, callerEpoch, opened } = found ?? { ...(await queue(store, caller)), callerEpoch: 0 };
    this.#passing.delete(connection);
    const before = this.#held.get(id);
    this.#held.set(id, { connection, callerEpoch, opened, since: this.#now });
    before?.connection.turnAway('come back');
    if (!connection.isOpen) this.leave(connection);
    if (found?.state === 'done') this.#deliver(id);
  }

  /** A connection has gone, and this process notices. */
  leave(connection: SimConnection): void {
    for (const [id, held] of this.#held) {
      if (held.connection !== connection) continue;
      this.#held.delete(id);
      this.#deps.store.detach(id, held.callerEpoch, this.#now).catch(() => undefined);
    }
  }

  /** A connection's patience is at its end: it is told to come back. */
  handOver(connection: SimConnection): void {
    for (const [id, held] of this.#held) {
      if (held.connection !== connection) continue;
      this.#held.delete(id);
      this.#passing.add(connection);
      this.#deps.store
        .handOver(id, held.callerEpoch, this.#now)
        .catch(() => undefined)
        .finally(() => {
          this.#passing.delete(connection);
          connection.turnAway('come back');
        });
    }
  }

  /** Items that it holds a connection for, and since when. */
  get held(): [Uuid, number][] {
    return [...this.#held].map(([id, { since }]) => [id, since]);
  }

  #deliver(id: Uuid): void {
    const held = this.#held.get(id);
    if (!held) return;
    this.#deps.store
      .answerOf(id)
      .then((answer) => answer && this.#answer(id, held, answer))
      .catch(() => undefined);
  }

  #answer(id: Uuid, held: Held | undefined, answer: ItemAnswer): void {
    if (!held || this.#held.get(id) !== held) return;
    this.#held.delete(id);
    if (!held.connection.isOpen) return;
    // The log's record is on disk before the last byte goes, and reaches the store whatever becomes of us.
    const { time, random, db } = this.world;
    const attempts = answer.attempt ? [{ ...answer.attempt, delivered: true }] : [];
    time.after(random.between(50, 1_500), () => db.log(held.opened, attempts, time.now()));
    held.connection.answer(answer);
  }

  async #serve(): Promise<void> {
    const { store } = this.#deps;
    const now = this.#now;
    if (now - this.#beatAt >= ALIVE_MS / 3) {
      this.#beatAt = now;
      await store.heartbeat(this.name, now + ALIVE_MS);
      const held = [...this.#held].map(([id, { callerEpoch }]) => ({ id, callerEpoch }));
      for (const id of await store.hold(this.name, held, this.#now)) {
        const lost = this.#held.get(id);
        if (!lost || lost.callerEpoch !== held.find((one) => one.id === id)?.callerEpoch) continue;
        this.#held.delete(id);
        lost.connection.turnAway('come back');
      }
    }
    for (const { id } of await store.outcomesOf(this.name)) this.#deliver(id);
  }

  // The lane's part.

  async #run(): Promise<void> {
    const { time, random } = this.world;
    for (;;) {
      const began = time.now();
      try {
        await tick(this.#deps, this.memory);
        this.turnedAt = began;
        await this.#serve();
      } catch {
        this.wellSince = time.now();
      }
      this.world.onTurn(this);
      await time.sleep(random.between(...this.world.tickMs));
      await this.awake();
    }
  }

  get #now(): number {
    return this.world.time.now();
  }

  #laneDeps(): LaneDeps {
    const { world } = this;
    const { random, time } = world;
    const nothing = { inc: () => undefined, observe: () => undefined, set: () => undefined };
    return {
      store: this.#reach(world.store),
      api: world.upstream.apiFor(this),
      owner: this.name,
      now: time.now,
      newId: () => nextId(time.now()),
      newNonce: () => `${random.between(1e8, 1e9)}${random.between(1e8, 1e9)}`,
      random: () => random.next(),
      prices: { book: BOOK },
      journal: this.machine,
      pacing: world.pacing,
      wake: (outcomes) => {
        for (const { id, answer } of outcomes) this.#answer(id, this.#held.get(id), answer);
      },
      probing: null,
      soon: () => undefined,
      logForgotten: ({ id, opened, outcome }) => {
        world.trace(`${this.name} logs ${id}, ${outcome}, which nobody took`);
        time.after(random.between(50, 500), () => world.db.log(opened, [], time.now()));
      },
      log: { info: this.#log, warn: this.#log, error: this.#log },
      metrics: new Proxy({} as LaneDeps['metrics'], { get: () => nothing }),
      crash: (point) => this.#crashPoint(point),
    };
  }

  readonly #log = (about: unknown, text?: string): void => {
    const { err } = about as { err?: unknown };
    this.world.trace(`${this.name}: ${text}${err instanceof Error ? ` (${err.message})` : ''}`);
  };

  async #crashPoint(point: CrashPoint): Promise<void> {
    if (!this.isAlive) return never();
    if (!this.world.random.chance(this.world.faults.crash)) return;
    this.kill(point);
    return never();
  }

  /** The store as this process reaches it. */
  #reach(store: LaneStore): LaneStore {
    return new Proxy(store, {
      get: (target, name: keyof LaneStore) => {
        const verb = target[name] as (...args: unknown[]) => Promise<unknown>;
        return (...args: unknown[]) => this.#outside(name, () => verb.apply(target, args));
      },
    });
  }

  async #outside<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (!this.isAlive) return never();
    const { random, time, faults } = this.world;
    if (random.chance(faults.storeSlow)) await time.sleep(random.between(1, 400));
    if (random.chance(faults.storeFails)) {
      // Whether it was done nobody can tell.
      if (random.chance(0.5)) await work();
      await this.awake();
      this.wellSince = time.now();
      throw new Error(`the store did not answer ${name}`);
    }
    const result = await work();
    if (random.chance(faults.storeSlow)) await time.sleep(random.between(1, 400));
    await this.awake();
    return result;
  }
}

/** What a dead process waits for. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}

const EACH = { input: 2n, output: 10n, cacheWrite5m: 0n, cacheWrite1h: 0n, cacheRead: 0n };
const ROW: PriceRow = {
  id: 1,
  model: 'm',
  aliases: [],
  effectiveFrom: new Date(0),
  base: EACH,
  longContext: null,
  batchPermille: 500,
  geoUsPermille: null,
  webSearch: 0n,
};
const BOOK = new PriceBook([ROW]);
