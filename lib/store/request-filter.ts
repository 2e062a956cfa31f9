import type { PendingQuery, Row, Sql } from 'postgres';
import { uuidFloor } from '@/lib/core/ids';
import type { Endpoint, Lane, RequestState } from '@/lib/core/request-states';
import type { TimeRange } from '@/lib/core/time-range';
import { namesOneRequest, type Search } from './request-search';

/** One upstream's rows: pages never mix two. */
export interface UpstreamScope {
  origin: string;
  simulated: boolean;
}

/** Inside one filter the values are alternatives; an empty one lets everything through. */
export interface RequestFilter {
  range: TimeRange;
  /** Of `models`, `rules` and `keys`, a value that ends in `*` is a prefix. */
  models: readonly string[];
  lanes: readonly Lane[];
  rules: readonly string[];
  /** Names of keys, revoked ones too. */
  keys: readonly string[];
  /** `name=value`. */
  tags: readonly string[];
  states: readonly RequestState[];
  /** Lanes that answered. */
  served: readonly Lane[];
  /** Types of errors, which may be prefixes as well. */
  errors: readonly string[];
  endpoints: readonly Endpoint[];
  search: Search | null;
}

/** A piece of a statement: text that is fixed here, values as parameters. */
export type Fragment = PendingQuery<Row[]>;

/**
 * The rows of `requests r`, or of what has its columns, that the filter lets through, except for the search of a message
 * id.
 */
export function conditions(sql: Sql, upstream: UpstreamScope, filter: RequestFilter): Fragment {
  const anywhere = namesOneRequest(filter.search);
  const parts: Fragment[] = [ofUpstream(sql, upstream)];
  if (!anywhere) parts.push(inRange(sql, filter.range));
  if (filter.endpoints.length > 0) {
    parts.push(sql`r.endpoint = any(${[...filter.endpoints]}::text[])`);
    // In the words of the index of all that are none.
    if (!filter.endpoints.includes('messages')) parts.push(sql`r.endpoint <> 'messages'`);
  }
  if (filter.endpoints.length === 0 && !anywhere) parts.push(sql`r.endpoint = 'messages'`);
  if (filter.models.length > 0) parts.push(named(sql, sql`r.model`, filter.models));
  if (filter.lanes.length > 0) parts.push(sql`r.lane = any(${[...filter.lanes]}::text[])`);
  if (filter.rules.length > 0) parts.push(named(sql, sql`r.rule`, filter.rules));
  if (filter.keys.length > 0) parts.push(keyNamed(sql, named(sql, sql`name`, filter.keys)));
  if (filter.tags.length > 0)
    parts.push(
      either(
        sql,
        filter.tags.map((tag) => tagged(sql, tag)),
      ),
    );
  if (filter.states.length > 0) parts.push(sql`r.state = any(${[...filter.states]}::text[])`);
  if (filter.served.length > 0) parts.push(sql`r.served_by = any(${[...filter.served]}::text[])`);
  if (filter.errors.length > 0) parts.push(named(sql, sql`r.error_type`, filter.errors));
  if (filter.search) parts.push(found(sql, filter.search));
  return parts.reduce((all, part) => sql`${all} and ${part}`);
}

/** The simulator listens on another port after each start: all that is simulated is one upstream. */
export function ofUpstream(
  sql: Sql,
  { origin, simulated }: UpstreamScope,
  column: Fragment = sql`r.upstream_id`,
): Fragment {
  const which = simulated ? sql`simulated` : sql`origin = ${origin} and not simulated`;
  return sql`${column} = any(array(select id from upstreams where ${which}))`;
}

export function isOfUpstream(record: { upstream: string; simulated: boolean }, scope: UpstreamScope): boolean {
  return record.simulated === scope.simulated && (scope.simulated || record.upstream === scope.origin);
}

/** Ids carry their arrival, so a time range is an id range: it selects partitions and walks the primary key. */
export function inRange(sql: Sql, { from, to }: TimeRange, id: Fragment = sql`r.id`): Fragment {
  return sql`${id} >= ${uuidFloor(from.getTime())}::uuid and ${id} < ${uuidFloor(to.getTime())}::uuid`;
}

/** Whether a name is one of these, some of which may end in `*`. */
export function isNamed(name: string | null, values: readonly string[]): boolean {
  if (name === null) return false;
  return values.some((value) => (value.endsWith('*') ? name.startsWith(value.slice(0, -1)) : name === value));
}

export function splitTag(tag: string): { name: string; value: string } {
  const equals = tag.indexOf('=');
  return { name: tag.slice(0, equals), value: tag.slice(equals + 1) };
}

/** The same in a statement. */
export function named(sql: Sql, column: Fragment, values: readonly string[]): Fragment {
  const exact = values.filter((value) => !value.endsWith('*'));
  const prefixes = values.filter((value) => value.endsWith('*')).map((value) => startsWith(value.slice(0, -1)));
  return sql`(${column} = any(${exact}::text[]) or ${column} like any(${prefixes}::text[]))`;
}

/** The key of one of `r` has such a name. */
export function keyNamed(sql: Sql, condition: Fragment): Fragment {
  return sql`r.key_id in (select id from keys where ${condition})`;
}

function tagged(sql: Sql, tag: string): Fragment {
  const { name, value } = splitTag(tag);
  return sql`r.tags ->> ${name} = ${value}`;
}

/** Its value, or name and value. */
function tagStarts(sql: Sql, prefix: string): Fragment {
  return sql`exists (select 1 from jsonb_each_text(r.tags) tag
    where tag.value ilike ${prefix} or tag.key || '=' || tag.value ilike ${prefix})`;
}

function found(sql: Sql, search: Search): Fragment {
  if (search.kind === 'text') {
    const prefix = startsWith(search.prefix);
    const named = [foundByName(sql, search.prefix), sql`r.error_type ilike ${prefix}`, tagStarts(sql, prefix)];
    return either(sql, named);
  }
  if (search.kind === 'request') return sql`r.id = ${search.id}::uuid`;
  if (search.kind === 'upstreamRequest') return sql`r.upstream_request_id = ${search.id}`;
  if (search.kind === 'batch') return sql`r.batch_id = ${search.id}`;
  if (search.kind === 'session') return sql`(r.session_id = ${search.id} or r.agent_id = ${search.id})`;
  // Its attempts are looked up first: a join could not tell the planner which partitions matter.
  return sql`true`;
}

/** Model, rule or key of `r` begin with the text. */
export function foundByName(sql: Sql, text: string): Fragment {
  const prefix = startsWith(text);
  return sql`(r.model ilike ${prefix} or r.rule ilike ${prefix} or ${keyNamed(sql, sql`name ilike ${prefix}`)})`;
}

function either(sql: Sql, parts: readonly Fragment[]): Fragment {
  return sql`(${parts.reduce((all, part) => sql`${all} or ${part}`)})`;
}

/** A pattern of what begins with the text. */
export function startsWith(prefix: string): string {
  return `${prefix.replaceAll(/[\\%_]/g, '\\$&')}%`;
}
