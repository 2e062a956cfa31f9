import type { Sql } from 'postgres';
import type { CostAnswer } from '@/lib/contract/metrics';
import { formatUsd } from '@/lib/core/money';
import type { Bucket } from '@/lib/core/time-range';
import { bucketIds, bucketStarts } from './metrics-buckets';
import { inScope, type MetricScope, NONE } from './metrics-scope';
import type { Fragment } from './request-filter';

export interface CostQuery extends MetricScope {
  bucket: Bucket;
  timeZone: string;
  /** One of the groups below, or `tag.<name>`. */
  groupBy: string;
}

/** Series beyond the costliest ones are added up in one: callers choose tag values, and may choose any number. */
const MOST_SERIES = 100;
const OTHER_SERIES = '(other)';

const GROUPS = new Map<string, (sql: Sql) => Fragment>([
  ['model', (sql) => sql`r.model`],
  ['lane', (sql) => sql`r.lane`],
  ['rule', (sql) => sql`r.rule`],
  ['key', (sql) => sql`(select name from keys where id = r.key_id)`],
]);

/** Cost per bucket and group; every bucket of the range is there, a group without cost in it is not. */
export async function readCost(sql: Sql, query: CostQuery): Promise<CostAnswer> {
  const starts = bucketStarts(query.range, query.bucket, query.timeZone);
  const rows = await sql<{ bucket: number; series: string; cost: string }[]>`
    with grouped as (
      select width_bucket(r.id, ${bucketIds(starts)}::uuid[]) as bucket, ${group(sql, query.groupBy)} as series, r.cost_pico
      from requests r where ${inScope(sql, query)} and not r.unpriced and r.cost_pico <> 0
    ), sums as (
      select bucket, coalesce(series, ${NONE}) as series, sum(cost_pico) as cost from grouped group by 1, 2
    ), ranked as (
      select series, row_number() over (order by sum(cost) desc, series) as rank from sums group by series
    )
    select bucket, case when rank <= ${MOST_SERIES} then series else ${OTHER_SERIES} end as series, sum(cost) as cost
    from sums join ranked using (series) group by 1, 2`;
  const byBucket = new Map<number, Map<string, string>>();
  for (const { bucket, series, cost } of rows) {
    const entries = byBucket.get(bucket) ?? new Map<string, string>();
    byBucket.set(bucket, entries.set(series, formatUsd(BigInt(cost))));
  }
  return {
    bucket: query.bucket,
    buckets: starts.map((at, i) => ({
      at: new Date(at).toISOString(),
      series: Object.fromEntries(byBucket.get(i + 1) ?? []),
    })),
  };
}

function group(sql: Sql, groupBy: string): Fragment {
  const column = GROUPS.get(groupBy);
  return column ? column(sql) : sql`r.tags ->> ${groupBy.replace(/^tag\./, '')}`;
}
