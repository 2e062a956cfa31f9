import type { PriceDraft } from '@/app/_data/prices';
import type { Price } from '@/lib/contract/prices';
import { fromWallClock } from '@/lib/core/series/zoned-time';

export const RATE_FIELDS = [
  { field: 'input', name: 'Input' },
  { field: 'output', name: 'Output' },
  { field: 'cacheWrite5m', name: 'Cache write, 5 min' },
  { field: 'cacheWrite1h', name: 'Cache write, 1 h' },
  { field: 'cacheRead', name: 'Cache read' },
] as const;

type Rate = (typeof RATE_FIELDS)[number]['field'];

export type Draft = Record<Rate, string> & { model: string; effectiveFrom: string; source: string };

export const FIELDS: readonly string[] = ['model', 'effectiveFrom', 'source', ...RATE_FIELDS.map(({ field }) => field)];

const RATE = /^\d{1,6}(\.\d{1,4})?$/;

export function rateFault(text: string): string | null {
  return RATE.test(text.trim()) ? null : 'A plain decimal with at most four decimals.';
}

/** A form for the model: filled from its row in force, empty where it has none. */
export function draftOf(model: string, prices: readonly Price[], effectiveFrom: string): Draft {
  const row = currentOf(model, prices);
  return {
    model,
    effectiveFrom,
    source: '',
    input: row?.input ?? '',
    output: row?.output ?? '',
    cacheWrite5m: row?.cacheWrite5m ?? '',
    cacheWrite1h: row?.cacheWrite1h ?? '',
    cacheRead: row?.cacheRead ?? '',
  };
}

export function requestOf(draft: Draft, zone: string, prices: readonly Price[]): PriceDraft {
  const model = draft.model.trim();
  const row = currentOf(model, prices);
  return {
    model,
    effectiveFrom: new Date(fromWallClock(draft.effectiveFrom, zone) ?? Date.now()).toISOString(),
    source: draft.source.trim(),
    input: draft.input.trim(),
    output: draft.output.trim(),
    cacheWrite5m: draft.cacheWrite5m.trim(),
    cacheWrite1h: draft.cacheWrite1h.trim(),
    cacheRead: draft.cacheRead.trim(),
    ...(row && {
      aliases: row.aliases,
      longContext: row.longContext,
      batchDiscount: row.batchDiscount,
      geoUsMultiplier: row.geoUsMultiplier,
      webSearch: row.webSearch,
    }),
  };
}

function currentOf(model: string, prices: readonly Price[]): Price | undefined {
  return prices.find((price) => price.model === model && price.current);
}
