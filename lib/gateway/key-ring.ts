import type { ApiKey } from '@/lib/core/api-key';
import { API_KEY } from '@/lib/core/api-key';
import type { Hmac } from '@/lib/secrets';

export type KeyLookup = { key: ApiKey } | 'unknown' | 'unavailable';

export interface KeyRingOptions {
  hmac(secret: string): Hmac;
  /** All keys that are not revoked. */
  load(): Promise<ReadonlyMap<Hmac, ApiKey>>;
  /** One key, straight from the database. */
  find(hmac: Hmac): Promise<ApiKey | null>;
  now(): number;
}

const MISS_TTL_MS = 1_000;
const MOST_MISSES = 10_000;

/**
 * Client keys in memory, so that a call costs no query and known keys go on working without a database. `refresh` runs
 * on every announcement and every two seconds; a key made elsewhere a moment ago is found by a look-up of its own.
 */
export class KeyRing {
  #keys: ReadonlyMap<Hmac, ApiKey> = new Map();
  readonly #misses = new Map<Hmac, number>();
  readonly #pending = new Map<Hmac, Promise<KeyLookup>>();

  constructor(private readonly options: KeyRingOptions) {}

  async refresh(): Promise<void> {
    this.#keys = await this.options.load();
    this.#misses.clear();
  }

  /** Synchronously when the key is known, which is the usual case. */
  lookup(secret: string): KeyLookup | Promise<KeyLookup> {
    // Format before anything else: garbage never reaches the database.
    if (!API_KEY.test(secret)) return 'unknown';
    const hmac = this.options.hmac(secret);
    const key = this.#keys.get(hmac);
    if (key) return { key };
    const missedAt = this.#misses.get(hmac);
    if (missedAt !== undefined && this.options.now() - missedAt < MISS_TTL_MS) return 'unknown';
    let pending = this.#pending.get(hmac);
    if (!pending) {
      pending = this.#find(hmac).finally(() => this.#pending.delete(hmac));
      this.#pending.set(hmac, pending);
    }
    return pending;
  }

  async #find(hmac: Hmac): Promise<KeyLookup> {
    try {
      const key = await this.options.find(hmac);
      if (key) return { key };
    } catch {
      return 'unavailable';
    }
    if (this.#misses.size >= MOST_MISSES) this.#misses.clear();
    this.#misses.set(hmac, this.options.now());
    return 'unknown';
  }
}
