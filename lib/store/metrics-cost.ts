import type { Sql } from 'postgres';
import type { CostAnswer } from '@/lib/contract/metrics';
import { formatUsd } from '@/lib/core/money';
import type { Bucket } from '@/lib/core/time-range';
import { bucketStarts } from './metrics-buckets';
import { type MetricScope, NONE } from './metrics-scope';
import type { Fragment } from './request-filter';
import type { ReadPlan } from './rollups/plan-read';
import { type Dimension, moneyRows } from './rollups/read-money';
import { readPlan } from './rollups/read-plan';
import { costsByTag } from './rollups/read-tags';
import { readTagNames } from './rollups/tag-names';

export interface CostQuery extends MetricScope {
  bucket: Bucket;
  timeZone: string;
  /** One of the groups below, or `tag.<name>`. */
  groupBy: string;
}

/** Series beyond the costliest ones are added up in one: callers choose tag values, and may choose any number. */
const MOST_SERIES = 100;
const OTHER_SERIES = '(other)';

const COLUMNS = new Map<string, Dimension>([
  ['model', 'model'],
  ['lane', 'lane'],
  ['rule', 'rule'],
  ['key', 'key_id'],
]);

/** Cost per bucket and group; every bucket of the range is there, a group without cost in it is not. */
export async function readCost(sql: Sql, query: CostQuery): Promise<CostAnswer> {
  const starts = bucketStarts(query.range, query.bucket, query.timeZone);
  const plan = await readPlan(sql, query, starts);
  const costs = COLUMNS.has(query.groupBy)
    ? costsByColumn(sql, query, plan, starts)
    : costsByTag(sql, query, plan, {
        name: query.groupBy.replace(/^tag\./, ''),
        rolled: await readTagNames(sql),
        starts,
      });
  const rows = await sql<{ bucket: number; series: string; cost: string }[]>`
    with sums as (
      select bucket, coalesce(series, ${NONE}) as series, sum(cost) as cost
      from (${costs}) costs where cost <> 0 group by 1, 2
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

function costsByColumn(sql: Sql, query: CostQuery, plan: ReadPlan, starts: readonly number[]): Fragment {
  const column = COLUMNS.get(query.groupBy) ?? 'model';
  const rows = moneyRows(sql, query, plan, { by: ['bucket', column], sums: ['cost_pico'], starts });
  const name = sql.unsafe(column);
  const summed = sql`select bucket, ${name} as series, sum(cost_pico) as cost from (${rows}) s group by 1, 2`;
  if (column !== 'key_id') return summed;
  return sql`select bucket, (select name from keys where id = series) as series, cost from (${summed}) by_key`;
}
