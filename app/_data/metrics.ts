import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { CostAnswer, LaneVolumeAnswer, LatencyAnswer, LatencySeriesAnswer, Summary } from '@/lib/contract/metrics';
import type { Lane } from '@/lib/core/request-states';
import { type Bucket, bucketFor } from '@/lib/core/time-range';
import { fetchJson } from './fetch-json';
import { type PageRange, previousRange, type RangeQuery, refreshEvery, resolveRange } from './page-range';

const MOST_POINTS = 120;

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

/** The same of the period of the same length before. */
export function narrowedBefore(range: PageRange) {
  return { ...previousRange(range, Date.now()), ...range.filters };
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
    queryKey: ['metrics', 'summary', narrowed(range)],
    queryFn: ({ signal }) => fetchJson<Summary>('/api/metrics/summary', { query: narrowed(range), signal }),
    ...live(range),
  });
}

export function previousSummaryQuery(range: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'summary', 'previous', narrowed(range)],
    queryFn: ({ signal }) => fetchJson<Summary>('/api/metrics/summary', { query: narrowedBefore(range), signal }),
    ...live(range),
  });
}

export function costQuery(range: PageRange, groupBy = 'model') {
  return queryOptions({
    queryKey: ['metrics', 'cost', narrowed(range), groupBy],
    queryFn: ({ signal }) =>
      fetchJson<CostAnswer>('/api/metrics/cost', {
        query: { ...narrowed(range), bucket: bucketOf(range), groupBy },
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

/** Of the period of the same length before, in the same buckets. */
export function previousLatencySeriesQuery(range: PageRange, { lane, model }: SeriesFilter = {}) {
  return queryOptions({
    queryKey: ['metrics', 'latency-series', 'previous', ends(range), lane, model],
    queryFn: ({ signal }) =>
      fetchJson<LatencySeriesAnswer>('/api/metrics/latency-series', {
        query: { ...previousRange(range, Date.now()), bucket: bucketOf(range), lane, model },
        signal,
      }),
    ...ifCompared(range),
  });
}

export function volumeQuery(range: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'requests-series', narrowed(range)],
    queryFn: ({ signal }) =>
      fetchJson<LaneVolumeAnswer>('/api/metrics/requests-series', {
        query: { ...narrowed(range), bucket: bucketOf(range) },
        signal,
      }),
    ...live(range),
  });
}

/** A period before is asked for only where it is drawn. */
export function ifCompared(range: PageRange) {
  const options = live(range);
  return { ...options, enabled: options.enabled && range.compare };
}

/** The period of the same length before, in the same buckets. */
export function previousVolumeQuery(range: PageRange) {
  return queryOptions({
    queryKey: ['metrics', 'requests-series', 'previous', narrowed(range)],
    queryFn: ({ signal }) =>
      fetchJson<LaneVolumeAnswer>('/api/metrics/requests-series', {
        query: { ...narrowedBefore(range), bucket: bucketOf(range) },
        signal,
      }),
    ...ifCompared(range),
  });
}
