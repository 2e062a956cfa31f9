import type { Lane } from '@/lib/core/request-states';
import { CACHE_TTL_MS, type CacheTtl, type PrefixState } from './prefix-state';
import { type SavedShare, Share } from './share';

const REMEMBERED_USES = 8;
/** A loop that costs more in batches is to be seen within a turn or two of a few agents. */
const LEAST_FOLLOWED = 5;

/** A call as the prompt cache sees it. */
export interface PrefixCall {
  /** Among whose calls shares are measured: key and model. */
  scope: string;
  /** Hashes of what precedes each `cache_control` breakpoint, the shortest first. */
  hashes: readonly string[];
  ttl: CacheTtl;
  /** Who calls again only after this answer; `null`: not known. */
  session: string | null;
}

export interface PrefixOutcome {
  lane: Lane;
  /** Unix ms. */
  arrivedAt: number;
  answeredAt: number;
  /** Prompt tokens read from the cache and written to it, as billed. */
  read: number;
  written: number;
}

interface Awaited {
  scope: string;
  at: number;
  /** Of the prefixes that it begins with, itself included. */
  hashes: readonly string[];
}

interface Use {
  at: number;
  session: string | null;
  lane: Lane;
}

/** What was measured among the calls of one scope, as it can be kept. */
export interface SavedShares {
  syncRead: SavedShare;
  batchRead: SavedShare;
  neededRefresh: SavedShare;
}

class ScopeShares {
  readonly syncRead: Share;
  readonly batchRead: Share;
  readonly neededRefresh: Share;

  constructor(saved?: SavedShares) {
    this.syncRead = new Share(saved?.syncRead);
    this.batchRead = new Share(saved?.batchRead);
    this.neededRefresh = new Share(saved?.neededRefresh, LEAST_FOLLOWED);
  }
}

/**
 * Which prefixes were used when, by their hashes, in memory and bounded: the oldest are forgotten first. Measures per
 * scope how often the cache kept its word, and whether calls kept a prefix warm for those that followed.
 */
export class PrefixMemory {
  readonly #uses = new Map<string, Use[]>();
  readonly #scopes = new Map<string, ScopeShares>();
  /** Whole prefixes whose next use has not come yet, by TTL, in the order of their last use. */
  readonly #awaited = { '5m': new Map<string, Awaited>(), '1h': new Map<string, Awaited>() };
  /** The whole prefix that a session used last. */
  readonly #lastOfSession = new Map<string, string>();

  constructor(private readonly most = 20_000) {}

  /** What is known of the call's prefix when it arrives. @param at Unix ms. */
  arrived(call: PrefixCall, at: number): PrefixState {
    this.#settleLapsed(call.ttl, at);
    const { hash, uses } = this.#usesOf(call, at);
    if (hash !== null) this.#settleFollowed(hash, call, uses, at);
    return this.look(call, at);
  }

  /** The same of a call that only might be made. */
  look(call: PrefixCall, at: number): PrefixState {
    const { ttl } = call;
    const ttlMs = CACHE_TTL_MS[ttl];
    const { uses } = this.#usesOf(call, at);
    const bySync = uses.filter(({ lane }) => lane === 'sync');
    const shares = this.#scopes.get(call.scope);
    return {
      ttl,
      lastSyncAt: bySync.at(-1)?.at ?? null,
      recentUses: bySync.filter((use) => at - use.at < ttlMs).length,
      syncReadShare: shares?.syncRead.value ?? null,
      batchReadShare: shares?.batchRead.value ?? null,
      neededRefreshShare: shares?.neededRefresh.value ?? null,
    };
  }

  /** Its longest prefix that a synchronous call keeps warm; `null`: none. */
  warmHash({ hashes, ttl }: PrefixCall, at: number): string | null {
    const isWarm = (use: Use) => use.lane === 'sync' && use.at <= at && at - use.at < CACHE_TTL_MS[ttl];
    return hashes.findLast((hash) => this.#uses.get(hash)?.some(isWarm)) ?? null;
  }

  /** Of its longest prefix that was used. What is told late has no part in what was known then. */
  #usesOf({ hashes }: PrefixCall, at: number): { hash: string | null; uses: Use[] } {
    for (const hash of hashes.toReversed()) {
      const uses = this.#uses.get(hash)?.filter((use) => use.at <= at) ?? [];
      if (uses.length > 0) return { hash, uses };
    }
    return { hash: null, uses: [] };
  }

  /** @param state what `arrived` said of this call. */
  answered(call: PrefixCall, state: PrefixState, { lane, arrivedAt, answeredAt, read, written }: PrefixOutcome): void {
    const { scope, hashes, ttl, session } = call;
    const whole = hashes.at(-1);
    if (whole === undefined) return;
    for (const hash of hashes) {
      const uses = this.#uses.get(hash) ?? [];
      uses.push({ at: answeredAt, session, lane });
      uses.sort((a, b) => a.at - b.at);
      if (uses.length > REMEMBERED_USES) uses.shift();
      touch(this.#uses, hash, uses, this.most);
    }
    touch(this.#awaited[ttl], whole, { scope, at: answeredAt, hashes }, this.most);
    if (session !== null) touch(this.#lastOfSession, session, whole, this.most);
    const shares = this.#scopeOf(scope);
    if (read + written === 0) return;
    const wasWarm = state.lastSyncAt !== null && arrivedAt < state.lastSyncAt + CACHE_TTL_MS[ttl];
    if (lane === 'batch') shares.batchRead.add(read, read + written);
    else if (wasWarm) shares.syncRead.add(read, read + written);
  }

  /** A call that another process served, told when it was over. */
  heard(call: PrefixCall, outcome: PrefixOutcome): void {
    this.answered(call, this.arrived(call, outcome.arrivedAt), outcome);
  }

  sharesOf(scope: string): SavedShares | null {
    const shares = this.#scopes.get(scope);
    if (!shares) return null;
    const { syncRead, batchRead, neededRefresh } = shares;
    return { syncRead: syncRead.saved, batchRead: batchRead.saved, neededRefresh: neededRefresh.saved };
  }

  restore(scope: string, saved: SavedShares): void {
    touch(this.#scopes, scope, new ScopeShares(saved), this.most);
  }

  #scopeOf(scope: string): ScopeShares {
    const shares = this.#scopes.get(scope) ?? new ScopeShares();
    touch(this.#scopes, scope, shares, this.most);
    return shares;
  }

  #settleFollowed(hash: string, { ttl, session }: PrefixCall, uses: readonly Use[], at: number): void {
    const whole = this.#followedBy(hash, ttl, session);
    const awaited = this.#awaited[ttl].get(whole);
    const last = uses.at(-1);
    if (!awaited || !last) return;
    this.#awaited[ttl].delete(whole);
    const kept = (use: Use) => at - use.at < CACHE_TTL_MS[ttl];
    // A caller that waits for its answer calls later, the later that comes: only others keep its prefix warm meanwhile.
    const others =
      session !== null && session === last.session ? uses.filter((use) => use.session !== session) : uses.slice(0, -1);
    this.#scopeOf(awaited.scope).neededRefresh.add(kept(last) && !others.some(kept) ? 1 : 0, 1);
  }

  /**
   * The whole prefix that is used again. A mark that moves on with the conversation leaves none where it was: upstream
   * looks back from the new one and finds it still, and here the session tells.
   */
  #followedBy(hash: string, ttl: CacheTtl, session: string | null): string {
    const last = session === null ? undefined : this.#lastOfSession.get(session);
    return last !== undefined && this.#awaited[ttl].get(last)?.hashes.includes(hash) ? last : hash;
  }

  #settleLapsed(ttl: CacheTtl, now: number): void {
    for (const [hash, { scope, at }] of this.#awaited[ttl]) {
      if (now - at < CACHE_TTL_MS[ttl]) return;
      this.#awaited[ttl].delete(hash);
      this.#scopeOf(scope).neededRefresh.add(0, 1);
    }
  }
}

/** Sets it as the newest entry, and forgets the oldest beyond `most`. */
function touch<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
