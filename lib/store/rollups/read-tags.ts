import type { Sql } from 'postgres';
import { isNarrowed, type MetricScope } from '@/lib/store/metrics-scope';
import type { Fragment } from '@/lib/store/request-filter';
import type { ReadPlan } from './plan-read';
import { cut, cutIds, moneyRows } from './read-money';
import { rawScope, rolledScope } from './read-plan';
import { SUMS } from './sums';
import type { RolledTags } from './tag-names';

interface TagAsked {
  name: string;
  rolled: RolledTags;
  starts: readonly number[];
}

/** `bucket, series, cost` by the value of one tag; what has no such tag is the series `null`. */
export function costsByTag(sql: Sql, scope: MetricScope, plan: ReadPlan, { name, rolled, starts }: TagAsked): Fragment {
  // The rollup by tag knows neither models nor lanes nor keys.
  const isRolled = !isNarrowed(scope) && (rolled.open || rolled.names.includes(name));
  const { 15: quarters, 60: hours, 1440: days, raw } = plan;
  const rawPlan = isRolled ? plan : { 15: [], 60: [], 1440: [], raw: [...raw, ...quarters, ...hours, ...days] };
  const rows =
    rawPlan.raw.length === 0
      ? null
      : sql`
          select ${cutIds(sql, starts)} as bucket, r.tags ->> ${name} as series, ${sql.unsafe(SUMS.cost_pico)} as cost
          from requests r where ${rawScope(sql, scope, rawPlan)} group by 1, 2`;
  if (!isRolled) return rows ?? sql`select null::int as bucket, null::text as series, null::bigint as cost where false`;
  const tagged = sql`
    select ${cut(sql, starts)} as bucket, r.value as series, sum(r.cost_pico) as cost from rollup_tags r
    where r.name = ${name} and ${rolledScope(sql, scope, plan)} group by 1, 2`;
  // What has no such tag is what is left of all.
  const all = moneyRows(sql, scope, { ...plan, raw: [] }, { by: ['bucket'], sums: ['cost_pico'], starts });
  const untagged = sql`
    select bucket, null::text as series, sum(cost) as cost from (
      select bucket, cost_pico as cost from (${all}) total
      union all select bucket, -cost from (${tagged}) tagged) rest group by bucket`;
  return sql`${tagged} union all ${untagged} ${rows ? sql`union all ${rows}` : sql``}`;
}
