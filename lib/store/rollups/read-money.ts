import type { Sql } from 'postgres';
import { bucketIds } from '@/lib/store/metrics-buckets';
import type { MetricScope } from '@/lib/store/metrics-scope';
import type { Fragment } from '@/lib/store/request-filter';
import type { ReadPlan } from './plan-read';
import { idsIn, rawScope, rolledScope } from './read-plan';
import { billedTokens, SUMS, type SumName, TOKEN_SUMS } from './sums';

/** `bucket`: number of the chart's bucket, from 1 on. */
export type Dimension = 'bucket' | 'model' | 'lane' | 'key_id' | 'rule';

export interface MoneyAsked {
  by: readonly Dimension[];
  sums: readonly SumName[];
  /** Starts of the chart's buckets, Unix ms. */
  starts?: readonly number[];
}

/**
 * A table of sums by these dimensions, from rollups and, where there are none yet, from raw rows: the same group may be
 * in it more than once, so whoever reads it sums up again.
 */
export function moneyRows(
  sql: Sql,
  scope: MetricScope,
  plan: ReadPlan,
  { by, sums, starts = [] }: MoneyAsked,
): Fragment {
  const groups = sql.unsafe(by.map((_, i) => i + 1).join(', '));
  const dimensions = (bucket: Fragment) =>
    by
      .map((name) => (name === 'bucket' ? sql`${bucket} as bucket` : sql.unsafe(`r.${name}`)))
      .reduce((all, one) => sql`${all}, ${one}`);
  const rolled = sql`
    select ${dimensions(cut(sql, starts))}, ${sql.unsafe(sums.map((name) => `sum(r.${name}) as ${name}`).join(', '))}
    from rollup_money r where ${rolledScope(sql, scope, plan)} group by ${groups}`;
  if (plan.raw.length === 0) return rolled;
  const tokens = sums.some((name) => name in TOKEN_SUMS)
    ? sql`left join ${billedTokens(sql, idsIn(sql, plan.raw, sql`a.request_id`))} t on t.request_id = r.id`
    : sql``;
  const expressions: Record<SumName, string> = { ...SUMS, ...TOKEN_SUMS };
  const raw = sql`
    select ${dimensions(cutIds(sql, starts))}, ${sql.unsafe(sums.map((name) => expressions[name]).join(', '))}
    from requests r ${tokens} where ${rawScope(sql, scope, plan)} group by ${groups}`;
  return sql`${rolled} union all ${raw}`;
}

/** Number of the chart's bucket that a rollup's `r.at` lies in. */
export function cut(sql: Sql, starts: readonly number[]): Fragment {
  // As numbers: a cast from text to timestamps would be made anew for every row.
  return sql`width_bucket(date_part('epoch', r.at) * 1000, ${[...starts]}::float8[])`;
}

export function cutIds(sql: Sql, starts: readonly number[]): Fragment {
  return sql`width_bucket(r.id, ${bucketIds(starts)}::uuid[])`;
}
