import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { CostAnswer, LaneVolumeAnswer, LatencyAnswer, LatencySeriesAnswer, Summary } from '@/lib/contract/metrics';
import type { Lane } from '@/lib/core/request-states';
import { type Bucket, bucketFor } from '@/lib/core/time-range';
import { fetchJson } from './fetch-json';
import { type PageRange, previousRange, type RangeQuery, refreshEvery, resolveRange } from './page-range';

const MOST_POINTS = 120;

interface SeriesFilter {
  lane?: Lane | undefined;
  model?: readonly string[] | undefined;
}

export function ends({ from, to, tz }: RangeQuery): { from: string; to: string; tz: string } {
  return { from, to, tz };
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

export function summaryQuery(range: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'summary', ends(range)],
    queryFn: ({ signal }) => fetchJson<Summary>('/api/metrics/summary', { query: ends(range), signal }),
    ...live(range),
  });
}

export function previousSummaryQuery(range: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'summary', 'previous', ends(range)],
    queryFn: ({ signal }) =>
      fetchJson<Summary>('/api/metrics/summary', { query: { ...previousRange(range, Date.now()) }, signal }),
    ...live(range),
  });
}

export function costQuery(range: PageRange, groupBy = 'model') {
  return queryOptions({
    queryKey: ['metrics', 'cost', ends(range), groupBy],
    queryFn: ({ signal }) =>
      fetchJson<CostAnswer>('/api/metrics/cost', {
        query: { ...ends(range), bucket: bucketOf(range), groupBy },
        signal,
      }),
    ...live(range),
  });
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
  return queryOptions({
    queryKey: ['metrics', 'latency-series', ends(range), lane, model],
    queryFn: ({ signal }) =>
      fetchJson<LatencySeriesAnswer>('/api/metrics/latency-series', {
        query: { ...ends(range), bucket: bucketOf(range), lane, model },
        signal,
      }),
    ...live(range),
  });
}

export function volumeQuery(range: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'requests-series', ends(range)],
    queryFn: ({ signal }) =>
      fetchJson<LaneVolumeAnswer>('/api/metrics/requests-series', {
        query: { ...ends(range), bucket: bucketOf(range) },
        signal,
      }),
    ...live(range),
  });
}

/** The period of the same length before, in the same buckets. */
export function previousVolumeQuery(range: PageRange) {
  const options = live(range);
  return queryOptions({
    queryKey: ['metrics', 'requests-series', 'previous', ends(range)],
    queryFn: ({ signal }) =>
      fetchJson<LaneVolumeAnswer>('/api/metrics/requests-series', {
        query: { ...previousRange(range, Date.now()), bucket: bucketOf(range) },
        signal,
      }),
    ...options,
    enabled: options.enabled && range.compare,
  });
}
