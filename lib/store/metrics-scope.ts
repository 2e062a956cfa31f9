import type { Sql } from 'postgres';
import type { Lane } from '@/lib/core/request-states';
import type { TimeRange } from '@/lib/core/time-range';
import { type Fragment, inRange, keyNamed, ofUpstream, type UpstreamScope } from './request-filter';

/** What a chart is drawn of: messages of one upstream that arrived in the range. */
export interface MetricScope {
  upstream: UpstreamScope;
  range: TimeRange;
  models?: readonly string[];
  lanes?: readonly Lane[];
  /** Names of keys. What is timed is not told apart by them. */
  keys?: readonly string[];
}

/** Stands where a request has no model, key or tag. */
export const NONE = '(none)';

/** The rows of `requests r` in the scope. */
export function inScope(sql: Sql, scope: MetricScope): Fragment {
  return sql`${ofUpstream(sql, scope.upstream)} and r.endpoint = 'messages' and ${inRange(sql, scope.range)}
    ${narrowed(sql, scope)}`;
}

/** Of `r`, a request or a row of the rollup of money: what the scope leaves of them. */
export function narrowed(sql: Sql, { models = [], lanes = [], keys = [] }: Partial<MetricScope>): Fragment {
  return sql`${models.length > 0 ? sql`and r.model = any(${[...models]}::text[])` : sql``}
    ${lanes.length > 0 ? sql`and r.lane = any(${[...lanes]}::text[])` : sql``}
    ${keys.length > 0 ? sql`and ${keyNamed(sql, sql`name = any(${[...keys]}::text[])`)}` : sql``}`;
}

export function isNarrowed({ models = [], lanes = [], keys = [] }: Partial<MetricScope>): boolean {
  return models.length > 0 || lanes.length > 0 || keys.length > 0;
}

/** Below these a percentile says more about chance than about the API. */
const LEAST_N = new Map([
  [50, 5],
  [90, 10],
  [95, 20],
  [99, 100],
]);

/** The value, or `null` where `n` is too small for that percentile. */
export function ifEnough(percentile: 50 | 90 | 95 | 99, n: number, value: number | null | undefined): number | null {
  return n >= (LEAST_N.get(percentile) ?? 0) ? (value ?? null) : null;
}
