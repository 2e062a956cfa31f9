import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { SavingsAnswer, TokensAnswer } from '@/lib/contract/spend-metrics';
import { fetchJson } from './fetch-json';
import { overTime, overTimeBefore } from './metrics';
import type { PageRange } from './page-range';

export function savingsQuery(range: PageRange) {
  return overTime<SavingsAnswer>(range, 'savings', { ...range.filters });
}

export function previousSavingsQuery(range: PageRange) {
  return overTimeBefore<SavingsAnswer>(range, 'savings', { ...range.filters });
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
  return overTime<TokensAnswer>(range, 'tokens', { ...range.filters });
}

export function previousTokensQuery(range: PageRange) {
  return overTimeBefore<TokensAnswer>(range, 'tokens', { ...range.filters });
}
