import { ApiError } from '@/lib/core/errors';
import { parseRequestId, type Uuid } from '@/lib/core/ids';
import type { Lane } from '@/lib/core/request-states';
import { type Bucket, bucketFor, parseMoment, type TimeRange } from '@/lib/core/time-range';
import type { Deps } from '@/lib/deps';
import type { UpstreamScope } from '@/lib/store/request-filter';

interface RangeQuery {
  from: string;
  to: string;
  tz: string;
}

/** @throws ApiError `invalid_request_error` when the range is empty. */
export function rangeOf({ from, to, tz }: RangeQuery, now: Date): TimeRange {
  const range = { from: parseMoment(from, now, tz), to: parseMoment(to, now, tz) };
  if (!range.from || !range.to || range.from >= range.to) {
    throw new ApiError('invalid_request_error', 'from: must lie before to', {
      errors: [{ path: 'from', message: 'must lie before to' }],
    });
  }
  return { from: range.from, to: range.to };
}

/** Pages speak of one upstream: the one that this process calls now. */
export function upstreamOf(deps: Deps): UpstreamScope {
  return { origin: deps.upstream.origin, simulated: deps.upstream.simulated };
}

interface NarrowedQuery extends RangeQuery {
  model: readonly string[];
  lane: readonly Lane[];
  key: readonly string[];
}

/** What sums of money are asked by. */
export function narrowedOf(deps: Deps, query: NarrowedQuery, now: Date) {
  return {
    upstream: upstreamOf(deps),
    range: rangeOf(query, now),
    models: query.model,
    lanes: query.lane,
    keys: query.key,
  };
}

/** The same over time. */
export function narrowedSeriesOf(deps: Deps, query: NarrowedQuery & { bucket?: Bucket | undefined }, now: Date) {
  return { ...narrowedOf(deps, query, now), ...seriesOf(deps, query, now) };
}

/** What every chart over time is asked by. */
export function seriesOf(deps: Deps, query: RangeQuery & { bucket?: Bucket | undefined }, now: Date) {
  const range = rangeOf(query, now);
  return { upstream: upstreamOf(deps), range, bucket: query.bucket ?? bucketFor(range), timeZone: query.tz };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The `{id}` of a path. @throws ApiError `not_found_error`: what is no id names nothing. */
export function idOf(params: Readonly<Record<string, string>>, noun: string): string {
  const id = params.id ?? '';
  if (!UUID.test(id)) throw new ApiError('not_found_error', `No such ${noun}`);
  return id.toLowerCase();
}

export function requestIdOf(params: Readonly<Record<string, string>>): Uuid {
  const id = parseRequestId(params.id ?? '');
  if (!id) throw new ApiError('not_found_error', 'No such request');
  return id;
}
