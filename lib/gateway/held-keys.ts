import type { Uuid } from '@/lib/core/ids';
import type { Pools } from '@/lib/store/connect';
import { claimKey, type IdempotencyClaim, releaseKey, renewKeys, settleKey } from '@/lib/store/idempotency';

const DAY_MS = 86_400_000;
const LEASE_MS = 30_000;
const RENEW_EVERY_MS = 10_000;
const LOOK_EVERY_MS = 1_000;
/** Outcomes that Postgres has not taken yet, in memory. */
const MOST_UNTOLD_BYTES = 64 * 1024 * 1024;

interface HeldKeysOptions {
  sql: Pools['hot'];
  /** This process, in leases. */
  owner: string;
  /** Unix ms of Postgres' clock. */
  now(): number;
  monotonic(): number;
  /** Postgres did not take it; it is told again. */
  onUntold(error: unknown): void;
  /** There were too many of these: the next call with that key is made anew, and paid for. */
  onLost(): void;
}

interface HeldKey {
  requestId: Uuid;
  bodyHash: string;
  /** What became of its call: nothing yet, nothing to share, or this answer, encrypted. */
  fate: 'running' | 'released' | Buffer;
  isTelling: boolean;
}

/**
 * The idempotency keys whose first call this process serves. A key is given back only when Postgres knows what became of
 * that call: while it is away, an outcome is kept here and told until it is taken, and the key stays held.
 */
export class HeldKeys {
  readonly #held = new Map<string, HeldKey>();
  #timer: NodeJS.Timeout | null = null;
  #renewedAt = 0;
  #isRenewing = false;

  constructor(private readonly options: HeldKeysOptions) {}

  /** @throws when Postgres cannot tell. */
  async claim(id: string, bodyHash: string, requestId: Uuid): Promise<IdempotencyClaim> {
    const held = this.#held.get(id);
    if (held && held.fate !== 'released') {
      if (held.bodyHash !== bodyHash) return { kind: 'other_body' };
      return held.fate === 'running' ? { kind: 'busy' } : { kind: 'outcome', sealed: held.fate };
    }
    const { sql, owner, now, monotonic } = this.options;
    const at = now();
    const claim = await claimKey(sql, {
      id,
      bodyHash,
      requestId,
      owner,
      now: at,
      leaseUntil: at + LEASE_MS,
      expiresAt: at + DAY_MS,
    });
    if (claim.kind === 'first') {
      if (this.#held.size === 0) this.#renewedAt = monotonic();
      this.#held.set(id, { requestId, bodyHash, fate: 'running', isTelling: false });
      this.#timer ??= setInterval(() => this.look(), LOOK_EVERY_MS).unref();
    }
    return claim;
  }

  /** The outcome for every later call with the key. Resolves when Postgres has it, or has it to be told again. */
  settle(id: string, requestId: Uuid, sealed: Buffer): Promise<void> {
    return this.#end(id, requestId, sealed);
  }

  /** Its call came to nothing that may be shared. */
  release(id: string, requestId: Uuid): Promise<void> {
    return this.#end(id, requestId, 'released');
  }

  /** Renews what is held and tells again what Postgres did not take. */
  look(): void {
    for (const [id, held] of this.#held) if (held.fate !== 'running' && !held.isTelling) void this.#tell(id, held);
    if (this.options.monotonic() - this.#renewedAt >= RENEW_EVERY_MS) void this.#renew();
  }

  /** Tells once more what Postgres did not take. */
  async stop(): Promise<void> {
    this.#rest();
    const untold = [...this.#held].filter(([, { fate }]) => fate !== 'running');
    await Promise.all(untold.map(([id, held]) => this.#tell(id, held)));
  }

  #rest(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  async #end(id: string, requestId: Uuid, fate: 'released' | Buffer): Promise<void> {
    const held = this.#held.get(id);
    if (held?.requestId !== requestId || held.fate !== 'running') return;
    held.fate = fate;
    await this.#tell(id, held);
  }

  async #tell(id: string, held: HeldKey): Promise<void> {
    const { sql, onUntold } = this.options;
    held.isTelling = true;
    try {
      if (held.fate === 'released') await releaseKey(sql, id, held.requestId);
      else if (held.fate !== 'running') await settleKey(sql, id, held.requestId, held.fate);
      this.#forget(id, held);
    } catch (error) {
      onUntold(error);
      this.#keepSmall();
    } finally {
      held.isTelling = false;
    }
  }

  #forget(id: string, held: HeldKey): void {
    if (this.#held.get(id) === held) this.#held.delete(id);
    if (this.#held.size === 0) this.#rest();
  }

  /** The oldest outcomes go first. */
  #keepSmall(): void {
    let bytes = 0;
    for (const [id, held] of [...this.#held].reverse()) {
      if (typeof held.fate === 'string') continue;
      bytes += held.fate.length;
      if (bytes <= MOST_UNTOLD_BYTES) continue;
      this.#forget(id, held);
      this.options.onLost();
    }
  }

  async #renew(): Promise<void> {
    if (this.#isRenewing || this.#held.size === 0) return;
    this.#isRenewing = true;
    const { sql, now, monotonic } = this.options;
    const held = [...this.#held].map(([id, { requestId }]) => ({ id, requestId }));
    try {
      await renewKeys(sql, held, now() + LEASE_MS);
      this.#renewedAt = monotonic();
    } catch {
      // Again with the next look.
    } finally {
      this.#isRenewing = false;
    }
  }
}
