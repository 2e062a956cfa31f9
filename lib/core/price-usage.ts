import { costOf, type PriceBook } from './pricing';
import type { AttemptRecord } from './request-record';
import { readUsage, type TokenCounts } from './usage';

/** Estimated tokens of a prompt's part that the sync lane had warm, and of all that its marks let a cache keep. */
export interface WarmPrefix {
  tokens: number;
  of: number;
}

/**
 * What one upstream call costs at the prices in force when its request arrived: `costPico` as billed, `syncCostPico` as
 * the sync lane would bill the same usage. No usage costs nothing; usage without a price is `null`, never a guess.
 * @param warm what of the prompt the sync lane would have read from its cache instead.
 * @param models what answered is what is billed; an alias may resolve to an id that no row names, so the asked one follows.
 */
export function priceUsage(
  book: PriceBook,
  models: readonly (string | null)[],
  arrivedAt: number,
  raw: unknown,
  warm: WarmPrefix = { tokens: 0, of: 0 },
): Pick<AttemptRecord, 'costPico' | 'syncCostPico' | 'priceId'> {
  if (raw === null || raw === undefined) return { costPico: '0', syncCostPico: '0', priceId: null };
  const usage = readUsage(raw);
  const at = new Date(arrivedAt);
  let row = null;
  for (const model of models) row ??= model === null ? null : book.priceAt(model, at);
  if (!row || !usage?.atListPrice) return { costPico: null, syncCostPico: null, priceId: null };
  return {
    costPico: costOf(row, usage).toString(),
    syncCostPico: costOf(row, { ...usage, tokens: asRead(usage.tokens, warm), batch: false }).toString(),
    priceId: row.id,
  };
}

/**
 * The same prompt with its warm part read from cache; the others keep their kind. What upstream wrote or read of it is
 * what its marks let it keep, counted exactly; where it kept nothing, the estimate has to do.
 */
function asRead(tokens: TokenCounts, warm: WarmPrefix): TokenCounts {
  const read = { ...tokens };
  const kept = tokens.cacheWrite5m + tokens.cacheWrite1h + tokens.cacheRead;
  const warmTokens =
    kept > 0 && warm.of > 0 ? Math.round((kept * Math.min(warm.tokens, warm.of)) / warm.of) : warm.tokens;
  let missing = Math.max(0, warmTokens - tokens.cacheRead);
  for (const kind of ['cacheWrite5m', 'cacheWrite1h', 'input'] as const) {
    const moved = Math.min(missing, read[kind]);
    read[kind] -= moved;
    read.cacheRead += moved;
    missing -= moved;
  }
  return read;
}
