import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { FacetsAnswer, FilteredVolumeAnswer } from '@/lib/contract/request-facets';
import type { RequestDetail, RequestsAnswer } from '@/lib/contract/requests';
import type { RequestOrder } from '@/lib/core/request-states';
import { fetchJson, queryText } from './fetch-json';
import { bucketOf, live } from './metrics';
import { type PageRange, refreshEvery } from './page-range';

/** The explorer's filters; inside one filter the values are alternatives. */
export interface RequestFilters {
  model: readonly string[];
  lane: readonly string[];
  key: readonly string[];
  tag: readonly string[];
  status: readonly string[];
  served: readonly string[];
  rule: readonly string[];
  error: readonly string[];
  q: string;
  order: RequestOrder;
}

const PAGE_ROWS = 100;
/** Of an order there is one page. */
const ORDERED_ROWS = 500;

export function requestsQuery(range: PageRange, filters: RequestFilters) {
  const query = { from: range.from, to: range.to, tz: range.tz, ...filters };
  return infiniteQueryOptions({
    queryKey: ['requests', 'list', query],
    queryFn: ({ pageParam, signal }) =>
      fetchJson<RequestsAnswer>('/api/requests', {
        query: {
          ...query,
          limit: filters.order === 'newest' ? PAGE_ROWS : ORDERED_ROWS,
          cursor: pageParam ?? undefined,
        },
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
  const query = { from: range.from, to: range.to, tz: range.tz, ...filters, order: undefined, limit: 1 };
  return queryOptions({
    queryKey: ['requests', 'newest', query],
    queryFn: ({ signal }) => fetchJson<RequestsAnswer>('/api/requests', { query, signal }),
    refetchInterval: refreshEvery(range, range.refresh * 1_000),
  });
}

export function facetsQuery(range: PageRange, { order: _, ...filters }: RequestFilters, facet: keyof FacetsAnswer) {
  const withError = facet === 'error' ? { with: 'error' } : {};
  const query = { from: range.from, to: range.to, tz: range.tz, ...filters, ...withError };
  return queryOptions({
    queryKey: ['requests', 'facets', query],
    queryFn: ({ signal }) => fetchJson<FacetsAnswer>('/api/requests/facets', { query, signal }),
    placeholderData: keepPreviousData,
  });
}

/** What the filters let through over time. */
export function filteredVolumeQuery(range: PageRange, { order: _, ...filters }: RequestFilters) {
  const query = { from: range.from, to: range.to, tz: range.tz, ...filters };
  return queryOptions({
    queryKey: ['requests', 'volume', query],
    queryFn: ({ signal }) =>
      fetchJson<FilteredVolumeAnswer>('/api/requests/volume', {
        query: { ...query, bucket: bucketOf(range) },
        signal,
      }),
    ...live(range),
  });
}

/** Address of the whole list as CSV. */
export function exportHref(range: PageRange, filters: RequestFilters): string {
  return `/api/requests/export${queryText({ from: range.from, to: range.to, tz: range.tz, ...filters })}`;
}

/** The newest calls of all, whatever the page's range. */
export const latestRequestsQuery = queryOptions({
  queryKey: ['requests', 'latest'],
  queryFn: ({ signal }) =>
    fetchJson<RequestsAnswer>('/api/requests', { query: { from: 'now-24h', limit: 12 }, signal }),
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
