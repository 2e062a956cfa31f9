import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { CostAnswer, LaneVolumeAnswer, LatencyAnswer, LatencySeriesAnswer, Summary } from '@/lib/contract/metrics';
import type { Lane } from '@/lib/core/request-states';
import { type Bucket, bucketFor } from '@/lib/core/time-range';
import { fetchJson, type QueryValue } from './fetch-json';
import { type PageRange, previousRange, type RangeQuery, refreshEvery, resolveRange } from './page-range';

const MOST_POINTS = 120;

/** What narrows an answer, by the parameters of its door. */
type Asked = Readonly<Record<string, QueryValue>>;

interface SeriesFilter {
  lane?: Lane | readonly Lane[] | undefined;
  model?: readonly string[] | undefined;
}

export function ends({ from, to, tz }: RangeQuery): { from: string; to: string; tz: string } {
  return { from, to, tz };
}

/** What sums of money are asked by: the range and the filters that pages share. */
export function narrowed(range: PageRange) {
  return { ...ends(range), ...range.filters };
}

/** Every panel of a page asks for the same buckets: only then do their crosshairs meet. */
export function bucketOf(range: RangeQuery): Bucket {
  return bucketFor(resolveRange(range, Date.now()), MOST_POINTS);
}

export function live(range: PageRange) {
  return {
    enabled: range.ready,
    placeholderData: keepPreviousData,
    refetchInterval: refreshEvery(range, range.refresh * 1_000),
  };
}

/** One door's answer over time, in the page's buckets. */
export function overTime<A>(range: PageRange, door: string, asked: Asked) {
  return queryOptions({
    queryKey: ['metrics', door, ends(range), asked],
    queryFn: ({ signal }) =>
      fetchJson<A>(`/api/metrics/${door}`, { query: { ...ends(range), bucket: bucketOf(range), ...asked }, signal }),
    ...live(range),
  });
}

/** The same of the period of the same length before, in the same buckets; asked for only where it is drawn. */
export function overTimeBefore<A>(range: PageRange, door: string, asked: Asked) {
  const options = live(range);
  return queryOptions({
    queryKey: ['metrics', door, 'previous', ends(range), asked],
    queryFn: ({ signal }) => {
      const query = { ...previousRange(range, Date.now()), bucket: bucketOf(range), ...asked };
      return fetchJson<A>(`/api/metrics/${door}`, { query, signal });
    },
    ...options,
    enabled: options.enabled && range.compare,
  });
}

export function summaryQuery(range: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'summary', narrowed(range)],
    queryFn: ({ signal }) => fetchJson<Summary>('/api/metrics/summary', { query: narrowed(range), signal }),
    ...live(range),
  });
}

export function previousSummaryQuery(range: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'summary', 'previous', narrowed(range)],
    queryFn: ({ signal }) =>
      fetchJson<Summary>('/api/metrics/summary', {
        query: { ...previousRange(range, Date.now()), ...range.filters },
        signal,
      }),
    ...live(range),
  });
}

export function costQuery(range: PageRange, groupBy = 'model') {
  return overTime<CostAnswer>(range, 'cost', { ...range.filters, groupBy });
}

export function latencyQuery(range: PageRange, model?: readonly string[]) {
  return queryOptions({
    queryKey: ['metrics', 'latency', ends(range), model],
    queryFn: ({ signal }) =>
      fetchJson<LatencyAnswer>('/api/metrics/latency', { query: { ...ends(range), model }, signal }),
    ...live(range),
  });
}

/** Of both lanes together, or of one. */
export function latencySeriesQuery(range: PageRange, { lane, model }: SeriesFilter = {}) {
  return overTime<LatencySeriesAnswer>(range, 'latency-series', { lane, model });
}

export function previousLatencySeriesQuery(range: PageRange, { lane, model }: SeriesFilter = {}) {
  return overTimeBefore<LatencySeriesAnswer>(range, 'latency-series', { lane, model });
}

export function volumeQuery(range: PageRange) {
  return overTime<LaneVolumeAnswer>(range, 'requests-series', { ...range.filters });
}

export function previousVolumeQuery(range: PageRange) {
  return overTimeBefore<LaneVolumeAnswer>(range, 'requests-series', { ...range.filters });
}
