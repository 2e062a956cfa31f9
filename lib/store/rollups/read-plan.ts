import type { Sql } from 'postgres';
import { DAY_MS } from '@/lib/core/duration';
import { type MetricScope, narrowed } from '@/lib/store/metrics-scope';
import { type Fragment, inRange, ofUpstream } from '@/lib/store/request-filter';
import { floorTo, GRAINS, type Grain, HOUR_MS, quartersFrom } from './grains';
import { type Piece, planRead, type ReadPlan } from './plan-read';
import { oldestPartitionAt } from './raw-from';

/** A quarter hour of more requests is read as it was last rolled up, seconds ago, not from its raw rows. */
const MOST_RAW = 20_000;

/** Where a chart's range is read from. @param cuts starts of its buckets, Unix ms. */
export async function readPlan(
  sql: Sql,
  { upstream, range }: Pick<MetricScope, 'upstream' | 'range'>,
  cuts: readonly number[] = [],
): Promise<ReadPlan> {
  const [from, to] = [range.from.getTime(), range.to.getTime()];
  const [marks, rawFrom] = await Promise.all([
    sql<{ grain: Grain; at: Date; rolled: string | null }[]>`
      select grain, at, case when grain = 15 and at > now() - interval '1 hour' then (
          select sum(requests) from rollup_money r
          where ${ofUpstream(sql, upstream)} and r.grain = 15 and r.at = marked.at) end as rolled
      from (select distinct r.grain, r.at from rollup_marks r
        where ${ofUpstream(sql, upstream)} and r.at >= ${new Date(floorTo(from, DAY_MS))} and r.at < ${range.to}) marked`,
    oldestPartitionAt(sql),
  ]);
  const dirty: Record<Grain, Set<number>> = { 15: new Set(), 60: new Set(), 1440: new Set() };
  for (const { grain, at, rolled } of marks) {
    const start = at.getTime();
    dirty[1440].add(floorTo(start, DAY_MS));
    if (grain < 1440) dirty[60].add(floorTo(start, HOUR_MS));
    if (grain === 15 && Number(rolled ?? 0) <= MOST_RAW) dirty[15].add(start);
  }
  return planRead({ from, to, cuts, dirty, quartersFrom: quartersFrom(Date.now()), rawFrom });
}

/** The rows of a rollup `r` that the plan reads. */
export function rolledIn(sql: Sql, plan: ReadPlan): Fragment {
  const pieces = GRAINS.flatMap((grain) =>
    plan[grain].map(({ from, to }) => sql`r.grain = ${grain} and r.at >= ${new Date(from)} and r.at < ${new Date(to)}`),
  );
  return anyOf(sql, pieces);
}

/** The ids in the pieces. */
export function idsIn(sql: Sql, pieces: readonly Piece[], id: Fragment): Fragment {
  const ranges = pieces.map(({ from, to }) => inRange(sql, { from: new Date(from), to: new Date(to) }, id));
  return anyOf(sql, ranges);
}

/** The raw rows of `requests r` that the plan reads, in the scope. */
export function rawScope(sql: Sql, scope: MetricScope, plan: ReadPlan): Fragment {
  return sql`${ofUpstream(sql, scope.upstream)} and r.endpoint = 'messages' and ${idsIn(sql, plan.raw, sql`r.id`)}
    ${narrowed(sql, scope)}`;
}

/** The rows of a rollup `r` that the plan reads, in the scope. */
export function rolledScope(sql: Sql, scope: MetricScope, plan: ReadPlan): Fragment {
  return sql`${ofUpstream(sql, scope.upstream)} and ${rolledIn(sql, plan)} ${narrowed(sql, scope)}`;
}

function anyOf(sql: Sql, parts: readonly Fragment[]): Fragment {
  const [first, ...rest] = parts.map((part) => sql`(${part})`);
  return first ? sql`(${rest.reduce((some, part) => sql`${some} or ${part}`, first)})` : sql`false`;
}
