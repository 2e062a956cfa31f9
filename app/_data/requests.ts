import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { FacetsAnswer, FilteredVolumeAnswer } from '@/lib/contract/request-facets';
import type { RequestDetail, RequestsAnswer } from '@/lib/contract/requests';
import type { RequestOrder } from '@/lib/core/request-states';
import { fetchJson, queryText } from './fetch-json';
import { bucketOf, live } from './metrics';
import { type PageFilters, type PageRange, refreshEvery } from './page-range';

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

export const NO_FILTERS: RequestFilters = {
  model: [],
  lane: [],
  key: [],
  tag: [],
  status: [],
  served: [],
  rule: [],
  error: [],
  q: '',
  order: 'newest',
};

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

/** What one filter can be narrowed to beside the others. */
export function facetsQuery(range: PageRange, { order: _, ...filters }: RequestFilters, facet: keyof FacetsAnswer) {
  const extra = facet === 'error' || facet === 'served' ? { with: facet } : {};
  const query = { from: range.from, to: range.to, tz: range.tz, ...filters, [facet]: [], ...extra };
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

/** The newest calls that the page's filters let through, whatever its range. */
export function latestRequestsQuery(filters: Partial<PageFilters> = {}) {
  return queryOptions({
    queryKey: ['requests', 'latest', filters],
    queryFn: ({ signal }) =>
      fetchJson<RequestsAnswer>('/api/requests', { query: { from: 'now-24h', limit: 12, ...filters }, signal }),
    placeholderData: keepPreviousData,
  });
}

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
