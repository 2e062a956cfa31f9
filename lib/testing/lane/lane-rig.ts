import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Uuid } from '@/lib/core/ids';
import type { PriceBook } from '@/lib/core/pricing';
import { fileJournal } from '@/lib/lane/created-journal';
import type { CrashPoint, LaneDeps } from '@/lib/lane/lane-deps';
import { PACING, type Pacing } from '@/lib/lane/pacing';
import type { Probing } from '@/lib/lane/probe';
import { type LaneMemory, laneMemory, settled, tick } from '@/lib/lane/tick';
import { Secrets } from '@/lib/secrets';
import { type Simulator, type SimulatorOptions, startSimulator } from '@/lib/simulator/start-simulator';
import type { LaneStore, NewItem } from '@/lib/store/lane/lane-store';
import { postgresLaneStore } from '@/lib/store/lane/postgres-lane-store';
import { loadPriceBook, seedShippedPrices } from '@/lib/store/prices';
import { upstreamNumber } from '@/lib/store/upstreams';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { batchApi } from '@/lib/upstream/batch-api';
import { Upstream } from '@/lib/upstream/upstream';
import { MINUTE_MS, newItem, nextId } from './lane-items';

const MODEL = 'claude-sonnet-5-5';
export const RIG_SECRET = 'root secret of this test';
/** Between two turns of a lane that waits, ms. */
const STEP_MS = 5_000;

/** A lane on a real Postgres in front of the real simulator, with a clock that the test moves. */
export class LaneRig {
  #aheadMs = 0;
  readonly #processes: RigProcess[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly simulator: Simulator,
    readonly upstream: Upstream,
    readonly upstreamId: number,
    readonly store: LaneStore,
    private readonly book: PriceBook,
    private readonly folder: string,
  ) {}

  static async start(options: SimulatorOptions = {}): Promise<LaneRig> {
    const database = await testDatabase();
    await seedShippedPrices(database.pools.admin);
    const turnaround = { fixedMs: 60_000 };
    const simulator = await startSimulator({ quiet: true, sync: { instant: true }, turnaround, ...options });
    const upstream = new Upstream({ baseUrl: simulator.url, simulated: true, credentials: new Map() });
    const upstreamId = await upstreamNumber(database.pools.hot, upstream.origin, true);
    const store = postgresLaneStore(database.pools.hot, new Secrets(RIG_SECRET), upstreamId);
    const folder = await mkdtemp(join(tmpdir(), 'offpeak-lane-'));
    const book = await loadPriceBook(database.pools.admin);
    return new LaneRig(database, simulator, upstream, upstreamId, store, book, folder);
  }

  /** Unix ms: real time and what the test has added, here and upstream. */
  readonly now = (): number => Date.now() + this.#aheadMs;

  pass(ms: number): void {
    this.#aheadMs += ms;
    this.simulator.advance(ms);
  }

  /** Queues calls like no other; due at once. */
  async queue(count: number, over: (i: number) => Parameters<typeof newItem>[1] = () => ({})): Promise<NewItem[]> {
    const now = this.now();
    await this.store.heartbeat('web-1', now + 60 * MINUTE_MS);
    const items = Array.from({ length: count }, (_, i) => {
      const id = nextId(now);
      const messages = [{ role: 'user', content: `Say ${id}` }];
      const body = Buffer.from(JSON.stringify({ model: MODEL, max_tokens: 64, stream: true, messages }));
      const headers: [string, string][] = [
        ['anthropic-version', '2023-06-01'],
        ['content-type', 'application/json'],
      ];
      const { group, ...more } = over(i) ?? {};
      return newItem(now, {
        id,
        payload: { target: '/v1/messages', headers, body },
        bytes: body.length,
        ...more,
        group: { model: MODEL, ...group },
      });
    });
    await Promise.all(items.map((item) => this.store.enqueue(item)));
    return items;
  }

  /** A lane process; on `machine` it finds what the one before it there has left on disk. */
  process(options: RigProcessOptions = {}): RigProcess {
    const name = `lane-${this.#processes.length + 1}`;
    const { machine = name, pacing, at = async () => undefined, probing = null, skewMs = () => 0 } = options;
    const now = () => this.now() + skewMs();
    const process = new RigProcess((gate) => ({
      store: gate(this.store),
      api: gate(batchApi(this.upstream, async () => [['x-api-key', 'sk-sim-key']])),
      owner: name,
      now,
      newId: () => nextId(now()),
      newNonce: () => nextId(0).replaceAll('-', '').slice(8),
      random: () => 0.5,
      prices: { book: this.book },
      journal: fileJournal(join(this.folder, `${machine}.jsonl`)),
      pacing: { ...PACING, ...pacing },
      wake: () => undefined,
      soon: () => undefined,
      logForgotten: () => undefined,
      probing,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      metrics: new Proxy({} as LaneDeps['metrics'], { get: () => NOTHING }),
      crash: (point) => at(point, process),
    }));
    this.#processes.push(process);
    return process;
  }

  /** Turns these processes, and the clock between, until `isOver`. */
  async turn(processes: readonly RigProcess[], isOver: () => Promise<boolean>, mostMs = 20 * MINUTE_MS): Promise<void> {
    const end = this.now() + mostMs;
    while (!(await isOver())) {
      if (this.now() > end) throw new Error(`not over after ${mostMs} ms`);
      await Promise.all(processes.map((process) => process.turn()));
      this.pass(STEP_MS);
    }
  }

  /** Turns these until no item waits and no batch is open. */
  drain(processes: readonly RigProcess[], mostMs?: number): Promise<void> {
    const isOver = async () => {
      const [left] = await this.database.pools.hot<{ items: number; batches: number }[]>`
        select (select count(*)::int from items where state <> 'done') as items,
          (select count(*)::int from batches where state not in ('closed', 'void')) as batches`;
      return left?.items === 0 && left.batches === 0;
    };
    return this.turn(processes, isOver, mostMs);
  }

  /** Items of every batch that upstream was sent, by the id that ends their custom id. */
  sent(): string[] {
    return this.simulator.batches().flatMap(({ customIds }) => customIds.map((id) => id.split('-')[1] ?? ''));
  }

  async close(): Promise<void> {
    for (const process of this.#processes) process.die();
    await this.upstream.close();
    await this.simulator.close();
    await this.database.drop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

interface RigProcessOptions {
  machine?: string;
  pacing?: Partial<Pacing>;
  at?: AtCrashPoint;
  probing?: Probing;
  /** How far this process' clock is ahead of the others'. */
  skewMs?: () => number;
}
type AtCrashPoint = (point: CrashPoint, process: RigProcess) => Promise<void>;
type Gate = <T extends object>(target: T) => T;
const NOTHING = { inc: () => undefined, observe: () => undefined, set: () => undefined };

/** A lane process that can die or sleep between any two things that it does outside itself. */
export class RigProcess {
  isAlive = true;
  readonly memory: LaneMemory = laneMemory(() => null);
  readonly #deps: LaneDeps;
  readonly #death: Promise<void>;
  #die: () => void = () => undefined;

  constructor(deps: (gate: Gate) => LaneDeps) {
    this.#death = new Promise((resolve) => {
      this.#die = resolve;
    });
    this.#deps = deps((target) => this.#gate(target));
  }

  /** Nothing of it goes on from here. */
  die(): void {
    this.isAlive = false;
    this.#die();
  }

  /** One turn, and what it began, to the end; or to its death. */
  async turn(): Promise<void> {
    if (!this.isAlive) return;
    const work = async () => {
      await tick(this.#deps, this.memory);
      await settled(this.memory);
    };
    await Promise.race([work(), this.#death]);
  }

  /** One turn, without waiting for what goes on beside it. */
  async step(): Promise<void> {
    if (this.isAlive) await Promise.race([tick(this.#deps, this.memory), this.#death]);
  }

  #gate<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const verb = Reflect.get(object, name) as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          if (!this.isAlive) return new Promise(() => undefined);
          const result = await verb.apply(object, args);
          return this.isAlive ? result : new Promise(() => undefined);
        };
      },
    });
  }
}

export function hexOf(id: Uuid): string {
  return id.replaceAll('-', '');
}
