import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { BatchDetail, BatchesAnswer, BatchHistoryAnswer } from '@/lib/contract/batches';
import { BATCH_STATES, type BatchState } from '@/lib/core/lane-states';
import { fetchJson } from './fetch-json';
import { bucketOf, live } from './metrics';
import { type PageRange, refreshEvery } from './page-range';

/** Inside one filter the values are alternatives. */
export interface BatchFilters {
  state: readonly string[];
  model: readonly string[];
}

const PAGE_ROWS = 50;
const LIVE_MS = 3_000;
const PAST_STATES: readonly BatchState[] = ['closed', 'void'];
const LIVE_STATES = BATCH_STATES.filter((state) => !PAST_STATES.includes(state));

/** What waits now and the batches at work, whatever the page's range; still when its refresh is off. */
export function liveBatchesQuery(range: PageRange) {
  return queryOptions({
    queryKey: ['batches', 'live'],
    queryFn: ({ signal }) =>
      fetchJson<BatchesAnswer>('/api/batches', {
        query: { from: 'now-7d', state: LIVE_STATES, limit: 50 },
        signal,
      }),
    enabled: range.ready,
    refetchInterval: refreshEvery(range, LIVE_MS),
  });
}

/** Those that are over, unless a reader asks for other states: what is at work stands in a list of its own. */
export function batchesQuery(range: PageRange, { state, model }: BatchFilters) {
  const states = state.length > 0 ? state : PAST_STATES;
  const query = { from: range.from, to: range.to, tz: range.tz, state: states, model };
  return infiniteQueryOptions({
    queryKey: ['batches', 'list', query],
    queryFn: ({ pageParam, signal }) =>
      fetchJson<BatchesAnswer>('/api/batches', {
        query: { ...query, limit: PAGE_ROWS, cursor: pageParam ?? undefined },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last: BatchesAnswer) => last.nextCursor,
    enabled: range.ready,
    placeholderData: keepPreviousData,
  });
}

/** By our id or upstream's. */
export function batchQuery(id: string) {
  return queryOptions({
    queryKey: ['batches', 'one', id],
    queryFn: ({ signal }) => fetchJson<BatchDetail>(`/api/batches/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: (query) => (query.state.data && isLive(query.state.data.batch.state) ? LIVE_MS : false),
  });
}

/** Batches over time and by size. */
export function batchHistoryQuery(range: PageRange, model: readonly string[]) {
  const query = { from: range.from, to: range.to, tz: range.tz, model };
  return queryOptions({
    queryKey: ['batches', 'history', query],
    queryFn: ({ signal }) =>
      fetchJson<BatchHistoryAnswer>('/api/batches/history', {
        query: { ...query, bucket: bucketOf(range) },
        signal,
      }),
    ...live(range),
  });
}

export function isLive(state: BatchState): boolean {
  return LIVE_STATES.includes(state);
}
