import type { Sql } from 'postgres';
import type { Facet, FacetsAnswer } from '@/lib/contract/request-facets';
import { TERMINAL_STATES, type TerminalState } from '@/lib/core/request-states';
import { conditions, type Fragment, inRange, isNamed, type RequestFilter, type UpstreamScope } from './request-filter';
import { moneyRows } from './rollups/read-money';
import { rawScope, readPlan, rolledScope } from './rollups/read-plan';
import { readTagNames } from './rollups/tag-names';

type FacetName = keyof FacetsAnswer;
type Counts = Map<string, number>;

export const NEWEST = 10_000;
export const EXAMINED = 100_000;
const MOST_VALUES = 100;
const NONE: Facet = { basis: 'newest', requests: 0, values: [] };

/**
 * What the list's filters could be narrowed to. Counted from rollups where the filter speaks only of what they know,
 * and then over all of the range; otherwise over the newest matches.
 */
export async function readFacets(
  sql: Sql,
  upstream: UpstreamScope,
  filter: RequestFilter,
  extra: readonly ('error' | 'served')[] = [],
): Promise<FacetsAnswer> {
  const isRolled = isInRollups(filter);
  const narrows = [filter.models, filter.lanes, filter.rules, filter.keys, filter.states].some((of) => of.length > 0);
  const tags = isRolled && !narrows ? await readTagFacet(sql, upstream, filter) : null;
  const [rolled, newest] = await Promise.all([
    isRolled ? readRolled(sql, upstream, filter) : null,
    isRolled && tags && extra.length === 0 ? null : readNewest(sql, upstream, filter),
  ]);
  const { error = NONE, served = NONE, ...counted }: Partial<FacetsAnswer> = newest ?? {};
  const facets = { ...counted, ...rolled, ...(tags && { tag: tags }) };
  const asked = { ...(extra.includes('error') && { error }), ...(extra.includes('served') && { served }) };
  return { ...asked, model: NONE, lane: NONE, rule: NONE, key: NONE, status: NONE, tag: NONE, ...facets };
}

/** Whether the filter speaks only of what the rollups of money are cut by. */
export function isInRollups({ tags, search, endpoints, served, errors }: RequestFilter): boolean {
  const isCut = tags.length === 0 && search === null && served.length === 0 && errors.length === 0;
  return isCut && endpoints.every((endpoint) => endpoint === 'messages');
}

interface Group extends Record<Exclude<TerminalState, 'succeeded'> | 'requests', number> {
  model: string | null;
  lane: string;
  rule: string;
  key: string | null;
}

async function readRolled(sql: Sql, upstream: UpstreamScope, filter: RequestFilter) {
  const scope = { upstream, range: filter.range };
  const sums = ['requests', 'failed', 'aborted', 'refused', 'interrupted'] as const;
  const rows = moneyRows(sql, scope, await readPlan(sql, scope), { by: ['model', 'lane', 'rule', 'key_id'], sums });
  const totals = sql.unsafe(sums.map((name) => `sum(${name})::float8 as ${name}`).join(', '));
  const groups = await sql<Group[]>`
    select model, lane, rule, (select name from keys where id = key_id) as key, ${totals}
    from (${rows}) sums group by model, lane, rule, key_id`;
  const fits: Record<'model' | 'lane' | 'rule' | 'key', (group: Group) => boolean> = {
    model: ({ model }) => filter.models.length === 0 || isNamed(model, filter.models),
    lane: ({ lane }) => filter.lanes.length === 0 || (filter.lanes as readonly string[]).includes(lane),
    rule: ({ rule }) => filter.rules.length === 0 || isNamed(rule, filter.rules),
    key: ({ key }) => filter.keys.length === 0 || isNamed(key, filter.keys),
  };
  const names = Object.keys(fits) as (keyof typeof fits)[];
  const states = TERMINAL_STATES.filter((state) => filter.states.length === 0 || filter.states.includes(state));
  const facets = names.map((name): [FacetName, Facet] => {
    const counts: Counts = new Map();
    const others = names.filter((other) => other !== name);
    let requests = 0;
    for (const group of groups.filter((one) => others.every((other) => fits[other](one)))) {
      const count = states.reduce((sum, state) => sum + countOf(group, state), 0);
      requests += count;
      addTo(counts, group[name], count);
    }
    return [name, toFacet('all', requests, counts)];
  });
  const status: Counts = new Map();
  for (const group of groups.filter((one) => names.every((name) => fits[name](one)))) {
    for (const state of TERMINAL_STATES) addTo(status, state, countOf(group, state));
  }
  const all = [...status.values()].reduce((sum, count) => sum + count, 0);
  return Object.fromEntries([...facets, ['status', toFacet('all', all, status)]]) as Omit<
    FacetsAnswer,
    'tag' | 'error' | 'served'
  >;
}

function countOf(group: Group, state: TerminalState): number {
  if (state !== 'succeeded') return group[state];
  return group.requests - group.failed - group.aborted - group.refused - group.interrupted;
}

/** `null`: there are tags that are not rolled up. */
async function readTagFacet(sql: Sql, upstream: UpstreamScope, { range }: RequestFilter): Promise<Facet | null> {
  const { names, open } = await readTagNames(sql);
  if (!open) return null;
  const scope = { upstream, range };
  const plan = await readPlan(sql, scope);
  const rows = await sql<{ value: string | null; requests: number }[]>`
    select value, sum(requests)::float8 as requests from (
      select r.name || '=' || r.value as value, sum(r.requests) as requests from rollup_tags r
      where r.name = any(${[...names]}::text[]) and ${rolledScope(sql, scope, plan)} group by 1
      union all
      select g.key || '=' || g.value, count(*) from requests r cross join lateral jsonb_each_text(r.tags) g
      where ${rawScope(sql, scope, plan)} group by 1
    ) tagged group by 1 order by 2 desc limit ${MOST_VALUES}`;
  const sums = moneyRows(sql, scope, plan, { by: ['lane'], sums: ['requests'] });
  const [all] = await sql<{ requests: number | null }[]>`select sum(requests)::float8 as requests from (${sums}) sums`;
  return toFacet('all', all?.requests ?? 0, new Map(rows.map(({ value, requests }) => [value ?? '', requests])));
}

/** The rows among which matches are looked for: a rare name would otherwise be searched in the whole log. An id has its own index. */
export function examined(sql: Sql, { search, range }: RequestFilter): Fragment {
  return search === null || search.kind === 'text'
    ? sql`select * from requests r where ${inRange(sql, range)} order by r.id desc limit ${EXAMINED}`
    : sql`select * from requests`;
}

interface NewestRow {
  facet: FacetName | null;
  value: string | null;
  requests: number;
}

async function readNewest(sql: Sql, upstream: UpstreamScope, filter: RequestFilter): Promise<Partial<FacetsAnswer>> {
  const rows = await sql<NewestRow[]>`
    with newest as materialized (
      select r.model, r.lane, r.rule, r.key_id, r.state, r.tags, r.error_type, r.served_by from (${examined(sql, filter)}) r
      where ${conditions(sql, upstream, filter)} order by r.id desc limit ${NEWEST}
    )
    select null as facet, null as value, count(*)::int as requests from newest
    union all select 'model', model, count(*)::int from newest group by model
    union all select 'lane', lane, count(*)::int from newest group by lane
    union all select 'rule', rule, count(*)::int from newest group by rule
    union all select 'status', state, count(*)::int from newest group by state
    union all select 'key', (select name from keys where id = key_id), sum(n)::int from (
      select key_id, count(*) as n from newest group by key_id) by_key group by 2
    union all select 'tag', g.key || '=' || g.value, count(*)::int
      from newest cross join lateral jsonb_each_text(tags) g group by 2
    union all select 'error', error_type, count(*)::int from newest group by error_type
    union all select 'served', served_by, count(*)::int from newest group by served_by`;
  const requests = rows.find(({ facet }) => facet === null)?.requests ?? 0;
  const names = ['model', 'lane', 'rule', 'key', 'status', 'tag', 'error', 'served'] as const;
  return Object.fromEntries(
    names.map((name) => {
      const counts: Counts = new Map();
      for (const row of rows) if (row.facet === name) addTo(counts, row.value, row.requests);
      return [name, toFacet('newest', requests, counts)];
    }),
  );
}

function addTo(counts: Counts, value: string | null, more: number): void {
  if (value !== null && more > 0) counts.set(value, (counts.get(value) ?? 0) + more);
}

function toFacet(basis: Facet['basis'], requests: number, counts: Counts): Facet {
  const values = [...counts].map(([value, count]) => ({ value, requests: count }));
  values.sort((a, b) => b.requests - a.requests || (a.value < b.value ? -1 : 1));
  return { basis, requests, values: values.slice(0, MOST_VALUES) };
}
