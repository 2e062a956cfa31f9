import type { PriceRow, TokenPrices } from '@/lib/core/pricing';

/** What a call is expected to consist of, tokens. */
export interface ExpectedTokens {
  /** Up to the last `cache_control` breakpoint; 0 without one. */
  prefix: number;
  other: number;
  output: number;
}

/** Probabilities, 0 … 1. */
export interface Chances {
  /** The prefix is read from cache: by sync now, by sync when it would be escalated, by a batch. */
  q: number;
  qLater: number;
  b: number;
  /** A later sync call finds the prefix cold because this one did not refresh it. */
  nu: number;
  /** An escalated item is billed anyway. */
  kappa: number;
}

/** Expected picodollars. */
export interface ExpectedCost {
  /** S(q): one sync call. */
  sync: number;
  /** E: sending it to batch, when a share `miss` does not come back in time. */
  sending(miss: number): number;
}

/**
 *     S(q) = q·r·P + (1−q)·w·P + i·U + o·O
 *     B    = ½·(b·r·P + (1−b)·w·P + i·U + o·O)
 *     E    = (1−m)·B + m·(S(q′) + κ·B) + ν·(w−r)·P
 *
 * The half is the price row's own share for batches. Expectations are floats: nothing is booked by them.
 */
export function expectedCost(
  row: PriceRow,
  ttl: '5m' | '1h',
  { prefix, other, output }: ExpectedTokens,
  { q, qLater, b, nu, kappa }: Chances,
): ExpectedCost {
  const prices = pricesOf(row, prefix + other);
  const read = Number(prices.cacheRead);
  const write = Number(ttl === '1h' ? prices.cacheWrite1h : prices.cacheWrite5m);
  const rest = Number(prices.input) * other + Number(prices.output) * output;
  const sync = (warm: number) => (warm * read + (1 - warm) * write) * prefix + rest;
  const batch = (row.batchPermille / 1_000) * sync(b);
  return {
    sync: sync(q),
    sending: (miss) => (1 - miss) * batch + miss * (sync(qLater) + kappa * batch) + nu * (write - read) * prefix,
  };
}

function pricesOf({ base, longContext }: PriceRow, promptTokens: number): TokenPrices {
  return longContext && promptTokens > longContext.threshold ? longContext.prices : base;
}
