import { type CacheTtl, type PromptLayout, prefixHashes } from './layout-prompt';
import type { CatalogModel } from './model-catalog';

/** How the prompt of one request was billed. All in tokens; the four add up to the whole prompt. */
export interface PromptSplit {
  readonly input: number;
  readonly read: number;
  readonly write5m: number;
  readonly write1h: number;
}

interface CacheEntry {
  readonly ttl: CacheTtl;
  readableFrom: number;
  expiresAt: number;
}

/** Which cache a request meets; lanes keep separate ones unless the simulator is told otherwise. */
interface CacheScope {
  readonly workspace: string;
  readonly lane: string;
}

const TTL_MS: Record<CacheTtl, number> = { '5m': 300_000, '1h': 3_600_000 };
const MOST_ENTRIES = 200_000;
/** A breakpoint also finds entries that end up to this many blocks before it (Prompt caching page). */
const LOOKBACK_BLOCKS = 20;

/**
 * Prompt caches per workspace, model and prefix (Prompt caching page): 5 minutes or 1 hour from the last use,
 * nothing below the model's minimum length.
 */
export class PromptCache {
  readonly #entries = new Map<string, CacheEntry>();
  readonly #timeScale: number;

  constructor(timeScale: number) {
    this.#timeScale = timeScale;
  }

  get size(): number {
    return this.#entries.size;
  }

  clear(): void {
    this.#entries.clear();
  }

  /**
   * Serves one prompt from the cache and writes what its breakpoints ask for.
   *
   * @param atMs - when the prompt is processed
   * @param readableAfterMs - how long until others can read what it writes (the first token's latency)
   * @param mayHit - `false` makes every look-up miss, as the batch lane's best-effort cache does now and then
   */
  split(
    layout: PromptLayout,
    model: CatalogModel,
    scope: CacheScope,
    atMs: number,
    readableAfterMs = 0,
    mayHit = true,
  ): PromptSplit {
    if (!layout.hasBreakpoint) return { input: layout.totalTokens, read: 0, write5m: 0, write1h: 0 };
    const hashes = prefixHashes(layout);
    const ends = cumulativeTokens(layout);
    const breakpoints = layout.blocks.flatMap((block, index) =>
      block.ttl !== null && (ends[index] ?? 0) >= model.minCacheableTokens ? [{ index, ttl: block.ttl }] : [],
    );
    const key = (index: number, ttl: CacheTtl) =>
      `${scope.lane}|${scope.workspace}|${model.id}|${ttl}|${hashes[index] ?? ''}`;

    let hitIndex = -1;
    if (mayHit) {
      for (const { index, ttl } of breakpoints) {
        const found = this.#longestLive(index, hitIndex, (at) => key(at, ttl), atMs);
        if (found > hitIndex) hitIndex = found;
      }
    }
    const split = { read: hitIndex < 0 ? 0 : (ends[hitIndex] ?? 0), write5m: 0, write1h: 0 };
    let covered = split.read;
    for (const { index, ttl } of breakpoints) {
      if (index <= hitIndex) {
        this.#touch(key(index, ttl), atMs);
        continue;
      }
      const tokens = (ends[index] ?? 0) - covered;
      covered += tokens;
      if (ttl === '1h') split.write1h += tokens;
      else split.write5m += tokens;
      this.#write(key(index, ttl), ttl, atMs + readableAfterMs);
    }
    return { ...split, input: layout.totalTokens - covered };
  }

  #longestLive(from: number, above: number, key: (index: number) => string, atMs: number): number {
    for (let index = from; index > above && index > from - LOOKBACK_BLOCKS; index--) {
      if (this.#touch(key(index), atMs)) return index;
    }
    return -1;
  }

  #touch(key: string, atMs: number): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.readableFrom > atMs || entry.expiresAt <= atMs) return false;
    entry.expiresAt = Math.max(entry.expiresAt, atMs + TTL_MS[entry.ttl] / this.#timeScale);
    return true;
  }

  #write(key: string, ttl: CacheTtl, fromMs: number): void {
    if (this.#entries.size >= MOST_ENTRIES) this.#makeRoom(fromMs);
    const old = this.#entries.get(key);
    const expiresAt = fromMs + TTL_MS[ttl] / this.#timeScale;
    if (old !== undefined && old.expiresAt > fromMs) {
      // Of several that write the same prefix at once, the first makes it readable.
      old.readableFrom = Math.min(old.readableFrom, fromMs);
      old.expiresAt = Math.max(old.expiresAt, expiresAt);
      return;
    }
    this.#entries.set(key, { ttl, readableFrom: fromMs, expiresAt });
  }

  #makeRoom(atMs: number): void {
    for (const [key, entry] of this.#entries) if (entry.expiresAt <= atMs) this.#entries.delete(key);
    let surplus = this.#entries.size - Math.floor(MOST_ENTRIES / 2);
    for (const key of this.#entries.keys()) {
      if (surplus-- <= 0) break;
      this.#entries.delete(key);
    }
  }
}

function cumulativeTokens(layout: PromptLayout): number[] {
  let total = 0;
  return layout.blocks.map((block) => {
    total += block.tokens;
    return total;
  });
}
