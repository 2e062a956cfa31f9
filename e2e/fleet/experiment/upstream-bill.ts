import { costOf, type PriceBook } from '@/lib/core/pricing';
import { NO_TOKENS, readUsage, type TokenCounts } from '@/lib/core/usage';

/** What upstream did for one run and what that cost, whoever asked for it. */
export interface UpstreamBill {
  costPico: bigint;
  /** Billed answers of either lane. */
  syncCalls: number;
  batchCalls: number;
  batches: number;
  /** Of `costPico`. */
  byCategory: Record<TokenCategory, bigint>;
}

export const TOKEN_CATEGORIES = ['input', 'cacheWrite', 'cacheRead', 'output'] as const;
export type TokenCategory = (typeof TOKEN_CATEGORIES)[number];

const MEMBERS: Readonly<Record<TokenCategory, readonly (keyof TokenCounts)[]>> = {
  input: ['input'],
  cacheWrite: ['cacheWrite5m', 'cacheWrite1h'],
  cacheRead: ['cacheRead'],
  output: ['output'],
};

export function emptyBill(): UpstreamBill {
  return {
    costPico: 0n,
    syncCalls: 0,
    batchCalls: 0,
    batches: 0,
    byCategory: { input: 0n, cacheWrite: 0n, cacheRead: 0n, output: 0n },
  };
}

/**
 * Books one answer by its own usage at list price. Which tokens cost what is told beside the total.
 * @throws for what has no price: such a run could not be compared.
 */
export function bookUsage(bill: UpstreamBill, book: PriceBook, model: string, rawUsage: unknown, at: number): bigint {
  const usage = readUsage(rawUsage);
  const row = book.priceAt(model, new Date(at));
  if (!usage?.atListPrice || !row) throw new Error(`an answer of ${model} has no price`);
  const cost = costOf(row, usage);
  bill.costPico += cost;
  bill[usage.batch ? 'batchCalls' : 'syncCalls']++;
  const isLong = row.longContext !== null && promptOf(usage.tokens) > row.longContext.threshold;
  const flat = isLong && row.longContext ? { ...row, base: row.longContext.prices, longContext: null } : row;
  for (const category of TOKEN_CATEGORIES) {
    const tokens = { ...NO_TOKENS };
    for (const member of MEMBERS[category]) tokens[member] = usage.tokens[member];
    bill.byCategory[category] += costOf(flat, { ...usage, tokens });
  }
  return cost;
}

function promptOf({ input, cacheRead, cacheWrite5m, cacheWrite1h }: TokenCounts): number {
  return input + cacheRead + cacheWrite5m + cacheWrite1h;
}
