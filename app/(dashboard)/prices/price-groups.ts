import type { Price } from '@/lib/contract/prices';

interface PriceGroup {
  model: string;
  aliases: readonly string[];
  /** Newest first; of one moment the younger row, which corrects the older. */
  rows: Price[];
}

export function priceGroups(prices: readonly Price[]): PriceGroup[] {
  const byModel = new Map<string, Price[]>();
  for (const price of prices) {
    const rows = byModel.get(price.model);
    if (rows) rows.push(price);
    else byModel.set(price.model, [price]);
  }
  return [...byModel.entries()]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([model, rows]) => ({
      model,
      aliases: [...new Set(rows.flatMap(({ aliases }) => aliases))],
      rows: rows.sort((a, b) => Date.parse(b.effectiveFrom) - Date.parse(a.effectiveFrom) || b.id - a.id),
    }));
}
