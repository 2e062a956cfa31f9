import { costOf, type PriceBook } from './pricing';
import type { AttemptRecord } from './request-record';
import { readUsage } from './usage';

/**
 * What one upstream call costs at the prices in force when its request arrived: `costPico` as billed, `syncCostPico` as
 * the sync lane would bill the same usage. No usage costs nothing; usage without a price is `null`, never a guess.
 * @param models what answered is what is billed; an alias may resolve to an id that no row names, so the asked one follows.
 */
export function priceUsage(
  book: PriceBook,
  models: readonly (string | null)[],
  arrivedAt: number,
  raw: unknown,
): Pick<AttemptRecord, 'costPico' | 'syncCostPico' | 'priceId'> {
  if (raw === null || raw === undefined) return { costPico: '0', syncCostPico: '0', priceId: null };
  const usage = readUsage(raw);
  const at = new Date(arrivedAt);
  let row = null;
  for (const model of models) row ??= model === null ? null : book.priceAt(model, at);
  if (!row || !usage?.atListPrice) return { costPico: null, syncCostPico: null, priceId: null };
  return {
    costPico: costOf(row, usage).toString(),
    syncCostPico: costOf(row, { ...usage, batch: false }).toString(),
    priceId: row.id,
  };
}
