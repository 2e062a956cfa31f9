const MINUTE_MS = 60_000;
export const CACHE_TTLS = ['5m', '1h'] as const;
export type CacheTtl = (typeof CACHE_TTLS)[number];
export const CACHE_TTL_MS: Record<CacheTtl, number> = { '5m': 5 * MINUTE_MS, '1h': 60 * MINUTE_MS };

/** What is known of a call's cacheable prefix when it arrives. */
export interface PrefixState {
  ttl: CacheTtl;
  /** Unix ms at which a sync call last wrote or read it; `null`: never, as far as is known. */
  lastSyncAt: number | null;
  /** Sync calls that used it within one TTL before this one. */
  recentUses: number;
  /** Measured shares; `null`: not measured. Of warm prefixes that were read, by sync; of prefixes that were, by batch. */
  syncReadShare: number | null;
  batchReadShare: number | null;
  /** Of calls, those whose refresh was what kept the prefix warm for the next one. */
  neededRefreshShare: number | null;
}

/** A call without a breakpoint, or of which nothing is known. */
export const UNKNOWN_PREFIX: PrefixState = {
  ttl: '5m',
  lastSyncAt: null,
  recentUses: 0,
  syncReadShare: null,
  batchReadShare: null,
  neededRefreshShare: null,
};

/** Upstream has it because of a synchronous call. @param now Unix ms. */
export function isPrefixWarm({ ttl, lastSyncAt }: PrefixState, now: number): boolean {
  return lastSyncAt !== null && now < lastSyncAt + CACHE_TTL_MS[ttl];
}

/**
 * Probabilities for `expectedCost`. A batch is thought to find nothing until it was seen to. What is used n times per
 * TTL is used again within the next with 1 − e^−n, so that at a later moment others may have kept it warm.
 */
export function prefixChances(prefix: PrefixState, now: number, escalateAt: number) {
  const { recentUses, syncReadShare, batchReadShare, neededRefreshShare } = prefix;
  const whenWarm = syncReadShare ?? 1;
  return {
    q: isPrefixWarm(prefix, now) ? whenWarm : 0,
    qLater: whenWarm * (isPrefixWarm(prefix, escalateAt) ? 1 : 1 - Math.exp(-recentUses)),
    b: batchReadShare ?? 0,
    nu: neededRefreshShare ?? (recentUses >= 2 ? 1 : 0),
  };
}
