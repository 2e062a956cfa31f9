import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { SavingsAnswer, TokensAnswer } from '@/lib/contract/spend-metrics';
import { fetchJson } from './fetch-json';
import { bucketOf, ifCompared, live, narrowed, narrowedBefore } from './metrics';
import type { PageRange } from './page-range';

export function savingsQuery(range: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'savings', narrowed(range)],
    queryFn: ({ signal }) =>
      fetchJson<SavingsAnswer>('/api/metrics/savings', {
        query: { ...narrowed(range), bucket: bucketOf(range) },
        signal,
      }),
    ...live(range),
  });
}

/** The period of the same length before, in the same buckets. */
export function previousSavingsQuery(range: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'savings', 'previous', narrowed(range)],
    queryFn: ({ signal }) =>
      fetchJson<SavingsAnswer>('/api/metrics/savings', {
        query: { ...narrowedBefore(range), bucket: bucketOf(range) },
        signal,
      }),
    ...ifCompared(range),
  });
}

/** Days of the shown zone, from before the month began: what the month is likely to cost, whatever the page's range. */
export function dailySpendQuery({ tz, ready, filters }: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'savings', 'daily', tz, filters],
    queryFn: ({ signal }) =>
      fetchJson<SavingsAnswer>('/api/metrics/savings', {
        query: { from: 'now-40d/d', to: 'now', tz, bucket: '1d', ...filters },
        signal,
      }),
    enabled: ready,
    placeholderData: keepPreviousData,
    refetchInterval: 300_000,
  });
}

export function tokensQuery(range: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'tokens', narrowed(range)],
    queryFn: ({ signal }) =>
      fetchJson<TokensAnswer>('/api/metrics/tokens', {
        query: { ...narrowed(range), bucket: bucketOf(range) },
        signal,
      }),
    ...live(range),
  });
}

/** The period of the same length before, in the same buckets. */
export function previousTokensQuery(range: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'tokens', 'previous', narrowed(range)],
    queryFn: ({ signal }) =>
      fetchJson<TokensAnswer>('/api/metrics/tokens', {
        query: { ...narrowedBefore(range), bucket: bucketOf(range) },
        signal,
      }),
    ...ifCompared(range),
  });
}
