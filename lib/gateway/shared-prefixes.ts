import type { PrefixOutcome, SavedShares } from '@/lib/core/auto/prefix-memory';
import type { Uuid } from '@/lib/core/ids';
import type { PrefixSighting, PrefixSightings } from '@/lib/store/prefix-sightings';
import type { PrefixOwner, PrefixWatch, WatchedPrefix } from './prefix-watch';

const WRITE_AFTER_MS = 500;
/** What Postgres did not take is kept up to here; then the oldest is forgotten by all but this process. */
const MOST_UNWRITTEN = 5_000;
const PURGE_EVERY_MS = 60_000;

export interface SharedPrefixesOptions {
  watch: PrefixWatch;
  store: Pick<PrefixSightings, 'write' | 'readNew' | 'purge' | 'writeShares' | 'readShares'>;
  /** Unix ms. */
  now(): number;
  onError(error: unknown): void;
}

/**
 * The watch of all processes on one database: each tells in the background what its calls have shown, and hears of the
 * others' with every poll. While Postgres is away each goes on with what it knows.
 */
export class SharedPrefixes {
  #unwritten: PrefixSighting[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #reading: Promise<void> | null = null;
  #isLoaded = false;
  #purgedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: SharedPrefixesOptions) {}

  arrived(owner: PrefixOwner, bytes: Buffer, json: unknown, at: number): WatchedPrefix | null {
    return this.options.watch.arrived(owner, bytes, json, at);
  }

  look(owner: PrefixOwner, bytes: Buffer, json: unknown, at: number): WatchedPrefix | null {
    return this.options.watch.look(owner, bytes, json, at);
  }

  /** @param id the call's. */
  answered(id: Uuid, prefix: WatchedPrefix, outcome: PrefixOutcome): void {
    this.options.watch.answered(prefix, outcome);
    this.#unwritten.push({ id, call: prefix.call, outcome });
    if (this.#unwritten.length > MOST_UNWRITTEN) this.#unwritten.shift();
    this.#timer ??= setTimeout(() => void this.write(), WRITE_AFTER_MS).unref();
  }

  /** Takes over what others have seen, at first all that there is. Never rejects, and once loaded is not waited for. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read()
      .catch((error: unknown) => this.options.onError(error))
      .finally(() => {
        this.#reading = null;
      });
    return this.#isLoaded ? Promise.resolve() : this.#reading;
  }

  async #read(): Promise<void> {
    const { watch, store, now } = this.options;
    const isFirst = !this.#isLoaded;
    const sightings = await store.readNew(now());
    const shares = isFirst ? await store.readShares() : new Map<string, SavedShares>();
    for (const { call, outcome } of sightings) watch.heard(call, outcome);
    // What was measured before counts these calls already.
    for (const [scope, saved] of shares) watch.restore(scope, saved);
    this.#isLoaded = true;
    if (this.#unwritten.length > 0 && !this.#timer) await this.write();
    if (now() - this.#purgedAt < PURGE_EVERY_MS) return;
    this.#purgedAt = now();
    await store.purge();
  }

  /** Tells the others; what cannot be told now is told with what comes next. */
  write(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#writeAll());
    return this.#writing;
  }

  /** The last word: what this process knows is there for the next one. */
  async stop(): Promise<void> {
    await this.#reading;
    await this.write();
  }

  async #writeAll(): Promise<void> {
    const { watch, store, now, onError } = this.options;
    const sightings = this.#unwritten;
    if (sightings.length === 0) return;
    this.#unwritten = [];
    try {
      await store.write(sightings, now());
      const scopes = new Set(sightings.map(({ call }) => call.scope));
      const shares = [...scopes].flatMap((scope): [string, SavedShares][] => {
        const saved = watch.sharesOf(scope);
        return saved ? [[scope, saved]] : [];
      });
      await store.writeShares(new Map(shares));
    } catch (error) {
      this.#unwritten = [...sightings, ...this.#unwritten].slice(-MOST_UNWRITTEN);
      onError(error);
    }
  }
}
