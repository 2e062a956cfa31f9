import { queryOptions } from '@tanstack/react-query';
import type { Price, PriceList } from '@/lib/contract/prices';
import { fetchJson } from './fetch-json';

export const pricesQuery = queryOptions({
  queryKey: ['prices'],
  queryFn: ({ signal }) => fetchJson<PriceList>('/api/prices', { signal }),
});

/** What the form sends: the contract's defaults may be left out. */
export type PriceDraft = Pick<
  Price,
  'model' | 'effectiveFrom' | 'input' | 'output' | 'cacheWrite5m' | 'cacheWrite1h' | 'cacheRead' | 'source'
> &
  Partial<Pick<Price, 'aliases' | 'longContext' | 'batchDiscount' | 'geoUsMultiplier' | 'webSearch'>>;

export function addPrice(draft: PriceDraft): Promise<unknown> {
  return fetchJson('/api/prices', { method: 'PUT', body: draft });
}
