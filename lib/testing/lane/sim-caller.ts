import { createHash } from 'node:crypto';
import type { Uuid } from '@/lib/core/ids';
import type { OpenedRecord } from '@/lib/core/request-record';
import type { ItemAnswer, LaneStore, NewItem } from '@/lib/store/lane/lane-store';
import { newItem } from './lane-items';
import type { SimConnection, SimProcess, SimWorld } from './sim-process';

/** What a caller wants, and how it behaves. */
export interface CallerPlan {
  marker: string;
  credential: string;
  group: string;
  maxItems: number;
  windowMs: number;
  toleranceMs: number;
  /** Before its deadline the synchronous answer begins by this much; `null`: never. */
  syncNeedMs: number | null;
  /** It is told to come back after this long. */
  patienceMs: number | null;
  /** It hangs up after this long, and its process notices after the other. */
  hangsUpMs: number | null;
  noticedMs: number;
  comesBack: boolean;
  retriesFailures: number;
}

/** A client that makes one call, and makes it again when it is cut off. */
export class SimCaller {
  state: 'calling' | 'answered' | 'gone' = 'calling';
  /** Its items, one unless its call was new to the lane again. */
  readonly items = new Set<Uuid>();
  #tries = 0;
  #failures = 0;

  constructor(
    private readonly world: SimWorld,
    readonly plan: CallerPlan,
    private readonly processes: () => readonly SimProcess[],
    private readonly fault: (text: string) => void,
  ) {}

  call(): void {
    const { time, random, trace } = this.world;
    const running = this.processes().filter(({ isRunning }) => isRunning);
    if (running.length === 0) {
      time.after(500, () => this.call());
      return;
    }
    const process = random.pick(running);
    const isRetry = this.#tries++ > 0;
    const connection = this.#connect();
    trace(`${this.plan.marker} calls ${process.name}${isRetry ? ' again' : ''}`);
    process
      .take(connection, { fingerprint: this.#fingerprint(), isRetry }, (store, caller) => this.#queue(store, caller))
      .catch(() => {
        // The lane did not take it: it goes sync.
        this.state = 'answered';
      });
    this.#behave(process, connection);
  }

  #connect(): SimConnection & { isOpen: boolean } {
    const connection = {
      isOpen: true,
      answer: (answer: ItemAnswer) => {
        if (!connection.isOpen) return;
        connection.isOpen = false;
        this.#read(answer);
      },
      turnAway: (why: 'come back' | 'reset') => {
        if (!connection.isOpen) return;
        connection.isOpen = false;
        const { time, random } = this.world;
        if (why === 'come back') time.after(1_000, () => this.call());
        else this.#maybeBack(random.between(100, 3_000));
      },
    };
    return connection;
  }

  #behave(process: SimProcess, connection: SimConnection & { isOpen: boolean }): void {
    const { time } = this.world;
    const { patienceMs, hangsUpMs, noticedMs } = this.plan;
    if (patienceMs !== null) {
      time.after(patienceMs, () => {
        if (connection.isOpen && process.isRunning) process.handOver(connection);
      });
    }
    if (hangsUpMs === null || this.#tries > 2) return;
    time.after(hangsUpMs, () => {
      if (!connection.isOpen) return;
      connection.isOpen = false;
      this.world.trace(`${this.plan.marker} hangs up`);
      time.after(noticedMs, () => {
        if (process.isAlive) process.leave(connection);
      });
      this.#maybeBack(this.world.random.between(50, 8_000));
    });
  }

  #maybeBack(ms: number): void {
    if (this.plan.comesBack && this.#tries < 8) this.world.time.after(ms, () => this.call());
    else this.state = 'gone';
  }

  #read({ outcome, status, body }: ItemAnswer): void {
    const { marker } = this.plan;
    const text = body.toString('utf8');
    if (outcome === 'answered' && saidIn(text) !== marker) this.fault(`${marker} was answered ${text}`);
    if (outcome === 'failed' && !text.includes('"error"')) this.fault(`${marker} was told ${status} ${text}`);
    this.world.trace(`${marker} got ${outcome} ${status}`);
    if (outcome === 'failed' && this.#failures++ < this.plan.retriesFailures) {
      this.world.time.after(500, () => this.call());
      return;
    }
    this.state = 'answered';
  }

  async #queue(store: LaneStore, caller: string): Promise<{ id: Uuid; opened: OpenedRecord }> {
    const item = this.#item(caller);
    this.items.add(item.id);
    this.world.trace(`${this.plan.marker} is item ${item.id}`);
    await store.enqueue(item);
    return item;
  }

  #item(caller: string): NewItem {
    const now = this.world.time.now();
    const { plan } = this;
    const { credential, group, maxItems, windowMs, toleranceMs, syncNeedMs } = plan;
    const answerBy = now + toleranceMs;
    const item = newItem(now, {
      payload: { target: '/v1/messages', headers: [], body: this.#body() },
      ownCredential: credential.startsWith('own:') ? [['x-api-key', credential]] : null,
      group: { key: `${credential}/${group}`, credential },
      maxItems,
      windowEndsAt: now + Math.min(windowMs, toleranceMs / 4),
      answerBy,
      escalateAt: syncNeedMs === null ? null : answerBy - syncNeedMs,
      fingerprint: this.#fingerprint(),
      caller,
    });
    return { ...item, bytes: item.payload.body.length };
  }

  #body(): Buffer {
    return Buffer.from(
      `{"model":"m","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"${this.plan.marker}"}]}`,
    );
  }

  #fingerprint(): string {
    return createHash('sha256').update(this.plan.credential).update(this.#body()).digest('hex');
  }
}

/** What a Message says; `null` when it is none, or cut off. */
function saidIn(text: string): string | null {
  try {
    return JSON.parse(text).content[0].text;
  } catch {
    return null;
  }
}
