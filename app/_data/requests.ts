import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { RequestDetail, RequestsAnswer } from '@/lib/contract/requests';
import { fetchJson } from './fetch-json';
import type { PageRange } from './page-range';

/** The explorer's filters; inside one filter the values are alternatives. */
export interface RequestFilters {
  model: readonly string[];
  lane: readonly string[];
  key: readonly string[];
  tag: readonly string[];
  status: readonly string[];
  q: string;
}

const PAGE_ROWS = 100;

export function requestsQuery(range: PageRange, filters: RequestFilters) {
  const query = { from: range.from, to: range.to, tz: range.tz, ...filters };
  return infiniteQueryOptions({
    queryKey: ['requests', 'list', query],
    queryFn: ({ pageParam, signal }) =>
      fetchJson<RequestsAnswer>('/api/requests', {
        query: { ...query, limit: PAGE_ROWS, cursor: pageParam ?? undefined },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last: RequestsAnswer) => last.nextCursor,
    enabled: range.ready,
    placeholderData: keepPreviousData,
  });
}

/** The newest id of a filtered list, to tell that there is more above without moving the rows. */
export function newestRequestQuery(range: PageRange, filters: RequestFilters) {
  const query = { from: range.from, to: range.to, tz: range.tz, ...filters, limit: 1 };
  return queryOptions({
    queryKey: ['requests', 'newest', query],
    queryFn: ({ signal }) => fetchJson<RequestsAnswer>('/api/requests', { query, signal }),
    refetchInterval: range.refresh > 0 ? range.refresh * 1_000 : false,
  });
}

/** The newest calls of all, whatever the page's range; still when its refresh is off. */
export const latestRequestsQuery = (refresh: number) =>
  queryOptions({
    queryKey: ['requests', 'latest'],
    queryFn: ({ signal }) =>
      fetchJson<RequestsAnswer>('/api/requests', { query: { from: 'now-24h', limit: 12 }, signal }),
    refetchInterval: refresh > 0 ? 3_000 : false,
    placeholderData: keepPreviousData,
  });

export function requestQuery(id: string) {
  return queryOptions({
    queryKey: ['requests', 'one', id],
    queryFn: ({ signal }) => fetchJson<RequestDetail>(`/api/requests/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: (query) => {
      const state = query.state.data?.request.state;
      return state === 'waiting' || state === 'running' ? 2_000 : false;
    },
  });
}
