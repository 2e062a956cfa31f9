import { costOf, type PriceBook } from './pricing';
import type { AttemptRecord } from './request-record';
import { readUsage, type TokenCounts } from './usage';

/**
 * What one upstream call costs at the prices in force when its request arrived: `costPico` as billed, `syncCostPico` as
 * the sync lane would bill the same usage. No usage costs nothing; usage without a price is `null`, never a guess.
 * @param warmPrefixTokens of the prompt, what the sync lane would have read from its cache instead.
 * @param models what answered is what is billed; an alias may resolve to an id that no row names, so the asked one follows.
 */
export function priceUsage(
  book: PriceBook,
  models: readonly (string | null)[],
  arrivedAt: number,
  raw: unknown,
  warmPrefixTokens = 0,
): Pick<AttemptRecord, 'costPico' | 'syncCostPico' | 'priceId'> {
  if (raw === null || raw === undefined) return { costPico: '0', syncCostPico: '0', priceId: null };
  const usage = readUsage(raw);
  const at = new Date(arrivedAt);
  let row = null;
  for (const model of models) row ??= model === null ? null : book.priceAt(model, at);
  if (!row || !usage?.atListPrice) return { costPico: null, syncCostPico: null, priceId: null };
  return {
    costPico: costOf(row, usage).toString(),
    syncCostPico: costOf(row, { ...usage, tokens: asRead(usage.tokens, warmPrefixTokens), batch: false }).toString(),
    priceId: row.id,
  };
}

/** The same prompt with at least so many of its tokens read from cache; the others keep their kind. */
function asRead(tokens: TokenCounts, warm: number): TokenCounts {
  const read = { ...tokens };
  let missing = Math.max(0, warm - tokens.cacheRead);
  for (const kind of ['cacheWrite5m', 'cacheWrite1h', 'input'] as const) {
    const moved = Math.min(missing, read[kind]);
    read[kind] -= moved;
    read.cacheRead += moved;
    missing -= moved;
  }
  return read;
}
