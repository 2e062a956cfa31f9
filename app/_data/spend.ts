import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { SavingsAnswer, TokensAnswer } from '@/lib/contract/spend-metrics';
import { fetchJson } from './fetch-json';
import { bucketOf, ends, live } from './metrics';
import { type PageRange, previousRange } from './page-range';

export function savingsQuery(range: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'savings', ends(range)],
    queryFn: ({ signal }) =>
      fetchJson<SavingsAnswer>('/api/metrics/savings', { query: { ...ends(range), bucket: bucketOf(range) }, signal }),
    ...live(range),
  });
}

/** The period of the same length before, in the same buckets. */
export function previousSavingsQuery(range: PageRange) {
  const options = live(range);
  return queryOptions({
    queryKey: ['metrics', 'savings', 'previous', ends(range)],
    queryFn: ({ signal }) =>
      fetchJson<SavingsAnswer>('/api/metrics/savings', {
        query: { ...previousRange(range, Date.now()), bucket: bucketOf(range) },
        signal,
      }),
    ...options,
    enabled: options.enabled && range.compare,
  });
}

/** Days of the shown zone, from before the month began: what the month is likely to cost, whatever the page's range. */
export function dailySpendQuery({ tz, ready }: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'savings', 'daily', tz],
    queryFn: ({ signal }) =>
      fetchJson<SavingsAnswer>('/api/metrics/savings', {
        query: { from: 'now-40d/d', to: 'now', tz, bucket: '1d' },
        signal,
      }),
    enabled: ready,
    placeholderData: keepPreviousData,
    refetchInterval: 300_000,
  });
}

export function tokensQuery(range: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'tokens', ends(range)],
    queryFn: ({ signal }) =>
      fetchJson<TokensAnswer>('/api/metrics/tokens', { query: { ...ends(range), bucket: bucketOf(range) }, signal }),
    ...live(range),
  });
}
