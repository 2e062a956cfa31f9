import { ApiError } from '@/lib/core/errors';
import type { BatchApi, MessageOutcome, UpstreamBatch } from '@/lib/upstream/batch-api';
import type { PostOutcome } from '@/lib/upstream/post-once';
import { FakeBatch, type FakeItem } from './fake-batch';
import { type FakeFaults, NO_FAULTS } from './fake-faults';
import { messageOf, type Tokens, tokensOf } from './fake-message';
import { spoiledResults } from './fake-results';
import type { SimRandom } from './sim-random';
import type { SimTime } from './sim-time';

/** What upstream billed, once each. */
export interface LedgerEntry {
  kind: 'sync' | 'batch';
  /** By which the lane books it. */
  key: string;
  marker: string;
  costPico: bigint;
  batch: FakeBatch | null;
  /** Why its answer cannot have reached the lane; `null`: it should have. */
  unseen: string | null;
  /** Whoever made the call stopped meanwhile, or lost the store: others may have thought it dead. */
  isDoubtful: boolean;
  /** Who asked for it, and when it had it. */
  host: Host | null;
  seenAt: number;
}

/** The process that makes a call: it may sleep or die while the call is under way. */
export interface Host {
  readonly name: string;
  readonly isAlive: boolean;
  /** Since when it has run without a stop or a failure of the store. */
  readonly wellSince: number;
  readonly diedAt: number | null;
  /** Resolves when the process runs; never when it is dead. */
  awake(): Promise<void>;
  pause(ms: number): void;
}

export interface FakeUpstreamOptions {
  time: SimTime;
  random: SimRandom;
  faults: FakeFaults;
  /** Batches end by then, whatever happens. */
  expiryMs: number;
  /** Lists may lack a new batch for this long after the last byte of its POST, and `create` may take half of that. */
  mostHiddenMs: number;
  /** Called with every batch of ours that comes into being, and with every synchronous call. */
  onCreate(batch: FakeBatch): void;
  onMessage(marker: string): void;
  onCancel(batch: FakeBatch): void;
  /** The credential can still be had. */
  hasCredential(credential: string): boolean;
  trace(text: string): void;
  break(text: string): void;
}

type CreateCall = Parameters<BatchApi['create']>[0];

/** The Messages and Message Batches APIs as far as the lane uses them, with a bill of their own and every bad habit. */
export class FakeUpstream {
  readonly ledger: LedgerEntry[] = [];
  readonly batches: FakeBatch[] = [];
  /** Until when a credential was asked to wait with messages. */
  readonly pausedUntil = new Map<string, number>();
  /** When it could not serve a credential's messages. */
  readonly #failedAt = new Map<string, number[]>();
  #faults: FakeFaults;
  #made = 0;

  constructor(private readonly options: FakeUpstreamOptions) {
    this.#faults = options.faults;
  }

  /** From now on it behaves. */
  calm(): void {
    this.#faults = NO_FAULTS;
    for (const batch of this.batches) {
      batch.hiddenUntil = 0;
      batch.spoilt = null;
    }
  }

  /** Somebody else's batch in the same workspace. */
  createForeign(credential: string, count: number): void {
    const items = Array.from({ length: count }, (_, i) => this.#item(`foreign-${i}`, 'foreign'));
    this.#begin(new FakeBatch(this.#id('msgbatch'), credential, true, this.options.time.now(), items));
  }

  /** It tells how little may be asked of it, at times. */
  get isScarce(): boolean {
    return this.#faults.scarce > 0;
  }

  /** It failed so often of late that nobody who is considerate asks it for more. */
  isFailing(credential: string): boolean {
    const since = this.#now - 60_000;
    return (this.#failedAt.get(credential) ?? []).filter((at) => at > since).length >= 8;
  }

  apiFor(host: Host): BatchApi {
    const withCredential = <T>(credential: string, call: () => Promise<T>): Promise<T> =>
      this.options.hasCredential(credential) ? call() : Promise.reject(new ApiError('authentication_error', 'gone'));
    return {
      create: (call) => withCredential(call.credential, () => this.#create(host, call)),
      list: (credential, page) =>
        withCredential(credential, () => this.#answer(host, () => this.#list(credential, page))),
      retrieve: (credential, id) => this.#answer(host, () => this.#retrieve(credential, id)),
      results: (credential, id, onChunk) => this.#results(host, credential, id, onChunk),
      cancel: (credential, id) => this.#answer(host, () => this.#cancel(credential, id)),
      message: async (credential, { body }) => {
        const outcome = await withCredential(credential, () => this.#message(host, credential, body));
        const { status } = outcome.kind === 'failed' ? outcome.error : outcome.answer;
        const failedAt = this.#failedAt.get(credential) ?? [];
        if (status >= 500) this.#failedAt.set(credential, [...failedAt, this.#now]);
        return outcome;
      },
    };
  }

  get #now(): number {
    return this.options.time.now();
  }

  // Creating.

  async #create(host: Host, call: CreateCall): Promise<PostOutcome> {
    const { time, random } = this.options;
    const faults = this.#faults;
    const deadlineAt = this.#now + call.deadlineMs;
    await time.sleep(random.chance(faults.connectSlow) ? random.between(500, 4_000) : random.between(1, 60));
    await host.awake();
    if (random.chance(faults.notSent)) return { kind: 'not_sent', cause: new Error('connection refused') };
    const isOver = this.#now > deadlineAt;
    if (!call.mayWrite()) return { kind: 'not_sent', cause: new Error('too late to write') };
    if (isOver) this.options.break(`${host.name} began a POST after its deadline`);
    if (random.chance(faults.writeStalls)) host.pause(random.between(1_000, 150_000));
    await time.sleep(random.between(1, 300));
    // The last bytes may be in the kernel already, or not, when a process stops here.
    if (!host.isAlive && random.chance(0.5)) return new Promise(() => undefined);
    if (random.chance(0.5)) await (host.isAlive ? host.awake() : undefined);
    const writtenAt = this.#now;
    if (random.chance(faults.createLate)) await time.sleep(random.between(1, this.options.mostHiddenMs / 2));
    const reply = this.#receive(host, call, writtenAt, writtenAt > deadlineAt);
    await time.sleep(random.between(1, 300));
    if (reply === null) await time.until(deadlineAt);
    await host.awake();
    // Who slept past the deadline finds answer and timer both there when it wakes.
    const sleptPast = host.wellSince >= deadlineAt && random.chance(0.5);
    if (reply === null || (this.#now > deadlineAt && !sleptPast)) {
      await time.until(deadlineAt);
      await host.awake();
      return { kind: 'unknown', cause: new Error('no answer in time') };
    }
    return reply;
  }

  #receive(host: Host, call: CreateCall, writtenAt: number, isLate: boolean): PostOutcome | null {
    const { random } = this.options;
    const faults = this.#faults;
    if (random.chance(faults.createRefused)) return this.#refusal();
    if (random.chance(faults.createVanishes)) return null;
    const isBroken = random.chance(faults.createFails);
    if (isBroken && random.chance(0.5)) return answered(random.pick([500, 502, 529]), {});
    const batch = this.#createBatch(host, call, writtenAt, isLate);
    if (isBroken) return answered(500, {});
    return random.chance(faults.createSilent) ? null : answered(200, wire(batch.tell()));
  }

  #createBatch(host: Host, call: CreateCall, writtenAt: number, isLate: boolean): FakeBatch {
    const { time, random } = this.options;
    const { requests } = JSON.parse(Buffer.concat(call.body).toString('utf8')) as {
      requests: { custom_id: string; params: unknown }[];
    };
    const items = requests.map(({ custom_id, params }) => this.#item(custom_id, markerOf(params)));
    const batch = new FakeBatch(this.#id('msgbatch'), call.credential, false, time.now(), items);
    Object.assign(batch, { maker: host, writtenAt, isLate });
    if (random.chance(this.#faults.hidden)) {
      batch.hiddenUntil = writtenAt + random.between(1, this.options.mostHiddenMs);
    }
    this.#begin(batch);
    this.options.trace(`upstream created ${batch.id} of ${items.length}${isLate ? ', late' : ''}`);
    this.options.onCreate(batch);
    return batch;
  }

  #begin(batch: FakeBatch): void {
    const { time, random, expiryMs } = this.options;
    const faults = this.#faults;
    batch.expiresAt = time.now() + expiryMs;
    batch.endsAt =
      time.now() + (random.chance(faults.batchSlow) ? random.between(30_000, 90_000) : random.between(500, 20_000));
    if (random.chance(faults.batchNeverEnds)) batch.endsAt = Number.POSITIVE_INFINITY;
    if (random.chance(faults.resultsSpoilt)) batch.spoilt = random.pick(['malformed', 'missing'] as const);
    this.batches.unshift(batch);
    for (const at of [batch.endsAt, batch.expiresAt]) if (Number.isFinite(at)) time.at(at, () => this.#end(batch));
  }

  #item(customId: string, marker: string): FakeItem {
    const { random } = this.options;
    const fails = random.chance(this.#faults.itemFails);
    const outcome = fails ? random.pick(['invalid', 'overloaded', 'expired', 'canceled'] as const) : 'succeeded';
    return { customId, marker, outcome, messageId: this.#id('msg') };
  }

  #refusal(): PostOutcome {
    const status = this.options.random.pick([429, 429, 400, 401, 413]);
    const wait = this.options.random.between(1, 8);
    const headers = status === 429 && this.options.random.chance(0.8) ? { 'retry-after': String(wait) } : {};
    const details = status === 429 && this.options.random.chance(0.2) ? { details: SPENT } : {};
    return answered(status, { type: 'error', error: { type: 'x', message: 'refused', ...details } }, headers);
  }

  #end(batch: FakeBatch): void {
    if (batch.status === 'ended' || this.#now < Math.min(batch.endsAt, batch.expiresAt)) return;
    batch.end(this.#now);
    if (batch.isForeign) return;
    this.options.trace(`upstream ended ${batch.id}`);
    for (const { outcome, marker, customId } of batch.items) {
      if (outcome !== 'succeeded') continue;
      const key = `${batch.id}/${customId}`;
      this.ledger.push({
        kind: 'batch',
        key,
        marker,
        costPico: bill(tokensOf(marker), 'batch'),
        batch,
        unseen: null,
        isDoubtful: false,
        host: null,
        seenAt: 0,
      });
    }
  }

  // Asking.

  /** One question and its answer over the network. @throws ApiError as the real one does. */
  async #answer<T>(host: Host, work: () => T): Promise<T> {
    const { time, random } = this.options;
    const faults = this.#faults;
    await time.sleep(random.between(1, 80));
    if (random.chance(faults.hangs)) return new Promise(() => undefined);
    let told: { value: T } | { error: unknown };
    try {
      if (random.chance(faults.asksFail)) throw apiError(random.pick([429, 500, 529, 401]));
      told = { value: work() };
    } catch (error) {
      told = { error };
    }
    await time.sleep(random.chance(faults.asksSlow) ? random.between(1_000, 15_000) : random.between(1, 80));
    await host.awake();
    if ('error' in told) throw told.error;
    return told.value;
  }

  #list(
    credential: string,
    { limit, afterId }: Parameters<BatchApi['list']>[1],
  ): Awaited<ReturnType<BatchApi['list']>> {
    const all = this.#visible(credential);
    const from = afterId ? all.findIndex(({ id }) => id === afterId) + 1 : 0;
    // Pages of real lists hold up to a thousand: these are small, so that there are several.
    const page = all.slice(from, from + Math.min(limit, 3));
    return { batches: page.map((batch) => batch.tell()), hasMore: from + page.length < all.length };
  }

  #retrieve(credential: string, id: string): UpstreamBatch | null {
    return (
      this.#visible(credential)
        .find((batch) => batch.id === id)
        ?.tell() ?? null
    );
  }

  #cancel(credential: string, id: string): void {
    const { time, random } = this.options;
    const batch = this.#visible(credential).find((one) => one.id === id);
    if (!batch) throw apiError(404);
    if (batch.status === 'ended') throw apiError(400);
    if (batch.status === 'canceling') return;
    batch.status = 'canceling';
    this.options.onCancel(batch);
    for (const item of batch.items) {
      if (item.outcome === 'succeeded' && random.chance(0.7)) item.outcome = 'canceled';
    }
    batch.endsAt = Math.min(batch.endsAt, time.now() + random.between(100, 5_000));
    time.at(batch.endsAt, () => this.#end(batch));
    this.options.trace(`upstream cancels ${id}`);
  }

  #visible(credential: string): FakeBatch[] {
    return this.batches.filter((batch) => batch.credential === credential && batch.hiddenUntil <= this.#now);
  }

  async #results(host: Host, credential: string, id: string, onChunk: (chunk: Buffer) => Promise<void>): Promise<void> {
    const { time, random } = this.options;
    const batch = await this.#answer(host, () => this.#visible(credential).find((one) => one.id === id));
    if (batch?.status !== 'ended') throw apiError(404);
    const { text, isBroken } = spoiledResults(batch, this.#faults, random);
    let rest = Buffer.from(text);
    while (rest.length > 0) {
      const size = random.between(1, rest.length);
      if (random.chance(this.#faults.resultsSlow)) await time.sleep(random.between(100, 6_000));
      if (random.chance(this.#faults.hangs / 4)) return new Promise(() => undefined);
      await host.awake();
      await onChunk(rest.subarray(0, size));
      rest = rest.subarray(size);
    }
    await host.awake();
    if (isBroken) throw new ApiError('api_error', 'the results broke off');
  }

  // Messages.

  async #message(host: Host, credential: string, body: Buffer): Promise<MessageOutcome> {
    const { time, random } = this.options;
    const faults = this.#faults;
    const marker = markerOf(JSON.parse(body.toString('utf8')));
    this.options.onMessage(marker);
    const beganAt = this.#now;
    await time.sleep(random.between(1, 80));
    if (random.chance(faults.messageRefused)) return this.#back(host, this.#messageRefusal(credential));
    const isBroken = random.chance(faults.messageBreaks);
    if (isBroken && random.chance(0.5)) return this.#back(host, broken());
    await time.sleep(random.chance(faults.messageSlow) ? random.between(5_000, 60_000) : random.between(100, 3_000));
    const key = this.#id('msg');
    const entry: LedgerEntry = {
      kind: 'sync',
      key,
      marker,
      costPico: bill(tokensOf(marker), 'standard'),
      batch: null,
      unseen: null,
      isDoubtful: false,
      host,
      seenAt: 0,
    };
    this.ledger.push(entry);
    this.options.trace(`upstream answered ${marker} as ${key}`);
    if (random.chance(faults.hangs)) {
      entry.unseen = 'hung';
      return new Promise(() => undefined);
    }
    if (isBroken) {
      entry.unseen = 'broken';
      return this.#back(host, broken());
    }
    const answer = JSON.stringify(messageOf(key, marker, 'standard'));
    if (random.chance(faults.messageCut)) {
      entry.unseen = 'cut';
      return this.#back(host, ok(answer.slice(0, -5), this.#limits(random)));
    }
    entry.unseen = 'the process stopped';
    const outcome = await this.#back(host, ok(answer, this.#limits(random)));
    entry.unseen = null;
    entry.seenAt = this.#now;
    entry.isDoubtful = host.wellSince > beganAt;
    return outcome;
  }

  #messageRefusal(credential: string): MessageOutcome {
    const { random } = this.options;
    const status = random.pick([429, 429, 500, 529, 400]);
    const wait = random.between(1, 10);
    const headers: Record<string, string> = {};
    if (status === 429 && random.chance(0.8)) {
      headers['retry-after'] = String(wait);
      // As the lane counts it: from when the answer is there.
      this.pausedUntil.set(
        credential,
        Math.max(this.pausedUntil.get(credential) ?? 0, this.#now + wait * 1_000 + 1_000),
      );
    }
    const type = status === 400 ? 'invalid_request_error' : 'x';
    const details = status === 429 && random.chance(0.2) ? { details: SPENT } : {};
    const error = { type: 'error', error: { type, message: 'no', ...details } };
    return { kind: 'answer', answer: { status, headers, body: Buffer.from(JSON.stringify(error)) } };
  }

  #limits(random: SimRandom): Record<string, string> {
    if (!random.chance(this.#faults.scarce)) return {};
    return {
      'anthropic-ratelimit-requests-remaining': String(random.between(0, 3)),
      'anthropic-ratelimit-requests-reset': new Date(this.#now + random.between(500, 4_000)).toISOString(),
    };
  }

  async #back<T>(host: Host, value: T): Promise<T> {
    const { time, random } = this.options;
    await time.sleep(random.between(1, 80));
    await host.awake();
    return value;
  }

  #id(prefix: string): string {
    return `${prefix}_${String(++this.#made).padStart(6, '0')}`;
  }
}

const SPENT = { error_code: 'enforced_spend_limit_reached' };

/** Its own arithmetic: 2 and 10 picodollars a token, half of that in a batch. */
function bill({ input, output }: Tokens, tier: 'standard' | 'batch'): bigint {
  const full = BigInt(input) * 2n + BigInt(output) * 10n;
  return tier === 'batch' ? full / 2n : full;
}

function markerOf(params: unknown): string {
  return (params as { messages: { content: string }[] }).messages[0]?.content ?? '';
}

function answered(status: number, json: object, headers: Record<string, string> = {}): PostOutcome {
  return { kind: 'answer', status, headers, body: Buffer.from(JSON.stringify(json)) };
}

function ok(body: string, headers: Record<string, string>): MessageOutcome {
  const all = { ...headers, 'request-id': 'req_sim' };
  return { kind: 'answer', answer: { status: 200, headers: all, body: Buffer.from(body) } };
}

function broken(): MessageOutcome {
  return { kind: 'failed', error: new ApiError('api_error', 'the connection broke', { status: 502 }) };
}

function apiError(status: number): ApiError {
  return new ApiError('api_error', `upstream answered ${status}`, { status });
}

function wire(batch: UpstreamBatch): object {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  return {
    id: batch.id,
    type: 'message_batch',
    processing_status: batch.status,
    request_counts: batch.counts,
    created_at: iso(batch.createdAt),
    expires_at: iso(batch.expiresAt),
    ended_at: iso(batch.endedAt),
  };
}
