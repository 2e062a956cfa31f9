import type { Sql } from 'postgres';
import { type Uuid, uuidTime } from '@/lib/core/ids';
import { TERMINAL_STATES } from '@/lib/core/request-states';
import {
  type Fragment,
  foundByName,
  keyNamed,
  named,
  type RequestFilter,
  splitTag,
  startsWith,
  type UpstreamScope,
} from './request-filter';
import { GRAIN_MS, type Grain } from './rollups/grains';
import type { Piece, ReadPlan } from './rollups/plan-read';
import { readPlan, rolledScope } from './rollups/read-plan';
import { OTHER_VALUES } from './rollups/roll';
import { type RolledTags, readTagNames } from './rollups/tag-names';

/** Rows that one page may look at; a row takes about a microsecond. */
const MOST_EXAMINED = 100_000;
/** Days with matches that are looked at hour by hour for one page. */
const MOST_DAYS = 4;
/** What an hour is taken to hold that is not rolled up yet. */
const UNKNOWN_REQUESTS = 10_000;

/** Where a page of the log is looked for. */
export interface Reach {
  /** Stretches of time that can hold matches, newest first, Unix ms. */
  spans: readonly Piece[];
  /** What arrived before has not been looked at; `null`: nothing older can match. */
  until: number | null;
}

interface Span extends Piece {
  grain: Grain | 'raw';
  requests: number;
  /** Requests that match, or where that is not known about as many; only 0 is certain. */
  matching: number;
  mayMatch: boolean;
}

/**
 * Where the newest matches of a filter can be, as the rollups tell: what nearly no request has is found without walking
 * the log, and what is rare in combination is looked for in a bounded stretch of it. `null`: they know nothing of it.
 */
export async function reachOf(
  sql: Sql,
  upstream: UpstreamScope,
  filter: RequestFilter,
  { cursor, limit }: { cursor: Uuid | null; limit: number },
): Promise<Reach | null> {
  const tags = filter.tags.length > 0 || filter.search !== null ? await readTagNames(sql) : null;
  if (!isNarrowed(filter, tags)) return null;
  const to = cursor === null ? filter.range.to : new Date(Math.min(uuidTime(cursor) + 1, filter.range.to.getTime()));
  const range = { from: filter.range.from, to };
  if (range.from >= to) return { spans: [], until: null };
  const plan = await readPlan(sql, { upstream, range });
  const coarse = await countSpans(sql, upstream, filter, tags, plan);
  const daily = coarse.filter(({ grain, mayMatch }) => grain === 1440 && mayMatch);
  const days = daily.slice(0, MOST_DAYS);
  const hours = { 15: [], 60: days.map(({ from, to: end }) => ({ from, to: end })), 1440: [], raw: [] };
  const fine = days.length > 0 ? await countSpans(sql, upstream, filter, tags, hours) : [];
  const all = [...coarse.filter(({ grain }) => grain !== 1440), ...fine].filter(({ mayMatch }) => mayMatch);
  const oldest = daily.length > days.length ? (days.at(-1)?.from ?? null) : null;
  return pick(
    all.sort((a, b) => b.from - a.from),
    limit + 1,
    oldest,
  );
}

/** @param oldest days before it were not looked at hour by hour; `null`: there are none. */
function pick(spans: readonly Span[], wanted: number, oldest: number | null): Reach {
  const picked: Piece[] = [];
  let examined = 0;
  let matching = 0;
  for (const span of spans) {
    const last = picked.at(-1);
    if (last && (examined >= MOST_EXAMINED || matching >= wanted)) return { spans: picked, until: last.from };
    if (oldest !== null && span.from < oldest) break;
    if (last?.from === span.to) last.from = span.from;
    else picked.push({ from: span.from, to: span.to });
    examined += span.requests;
    matching += span.matching;
  }
  return { spans: picked, until: oldest };
}

function isNarrowed(filter: RequestFilter, tags: RolledTags | null): boolean {
  if (filter.endpoints.some((endpoint) => endpoint !== 'messages')) return false;
  // A text may be the value of any tag.
  if (filter.search !== null && (filter.search.kind !== 'text' || !tags?.open)) return false;
  const byName = [filter.models, filter.lanes, filter.rules, filter.keys, filter.states].some((of) => of.length > 0);
  return byName || filter.search !== null || (tags !== null && areRolled(filter, tags));
}

function areRolled({ tags }: RequestFilter, { names, open }: RolledTags): boolean {
  return tags.length > 0 && (open || tags.every((tag) => names.includes(splitTag(tag).name)));
}

/** Each bucket that the plan reads, with what it holds and how much of it can match. */
async function countSpans(
  sql: Sql,
  upstream: UpstreamScope,
  filter: RequestFilter,
  tags: RolledTags | null,
  plan: ReadPlan,
): Promise<Span[]> {
  const scope = { upstream, range: filter.range };
  const conditions = [
    filter.models.length > 0 ? sql`${named(sql, sql`r.model`, filter.models)}` : sql`true`,
    filter.lanes.length > 0 ? sql`r.lane = any(${[...filter.lanes]}::text[])` : sql`true`,
    filter.rules.length > 0 ? named(sql, sql`r.rule`, filter.rules) : sql`true`,
    filter.keys.length > 0 ? keyNamed(sql, named(sql, sql`name`, filter.keys)) : sql`true`,
  ].reduce((all, one) => sql`${all} and ${one}`);
  const text = filter.search?.kind === 'text' ? filter.search.prefix : null;
  const inNames = text === null ? sql`true` : foundByName(sql, text);
  const rows = await sql<{ grain: Grain; at: Date; requests: number; fitting: number; named: number }[]>`
    select r.grain, r.at, sum(r.requests)::float8 as requests,
      coalesce(sum(${inStates(sql, filter)}) filter (where ${conditions}), 0)::float8 as fitting,
      coalesce(sum(${inStates(sql, filter)}) filter (where ${conditions} and ${inNames}), 0)::float8 as named
    from rollup_money r where ${rolledScope(sql, scope, plan)} group by 1, 2`;
  const isTagged = tags !== null && areRolled(filter, tags);
  const [tagged, texts] = await Promise.all([
    isTagged ? tagBuckets(sql, scope, ofTags(sql, filter.tags), plan) : null,
    text === null ? null : tagBuckets(sql, scope, ofText(sql, text), plan),
  ]);
  // Of the newest buckets the rollup may be some seconds old.
  const settled = Date.now() - GRAIN_MS[60];
  const spans = rows.map(({ grain, at, requests, fitting, named: byName }): Span => {
    const from = at.getTime();
    const to = from + GRAIN_MS[grain];
    const bucket = `${grain}/${from}`;
    const shareIn = (counts: ReadonlyMap<string, number> | null) =>
      counts === null ? 1 : (counts.get(bucket) ?? 0) / Math.max(1, requests);
    // As if a tag had nothing to do with the rest.
    const matching = (byName + (texts === null ? 0 : (fitting - byName) * shareIn(texts))) * shareIn(tagged);
    return { from, to, grain, requests, matching, mayMatch: matching > 0 || to > settled };
  });
  for (const { from, to } of plan.raw) {
    const requests = Math.ceil((UNKNOWN_REQUESTS * (to - from)) / GRAIN_MS[60]);
    spans.push({ from, to, grain: 'raw', requests, matching: 0, mayMatch: true });
  }
  return spans.sort((a, b) => b.from - a.from);
}

function inStates(sql: Sql, { states }: RequestFilter) {
  if (states.length === 0) return sql`r.requests`;
  const others = TERMINAL_STATES.filter((state) => state !== 'succeeded');
  const succeeded = `r.requests - ${others.map((state) => `r.${state}`).join(' - ')}`;
  const sums = TERMINAL_STATES.filter((state) => states.includes(state)).map((state) =>
    state === 'succeeded' ? succeeded : `r.${state}`,
  );
  return sql.unsafe(sums.length > 0 ? sums.join(' + ') : '0');
}

/** How many requests of each bucket have such a tag, all that it may be among the values added up included. */
async function tagBuckets(
  sql: Sql,
  scope: { upstream: UpstreamScope; range: RequestFilter['range'] },
  isSuch: Fragment,
  plan: ReadPlan,
): Promise<Map<string, number>> {
  const rows = await sql<{ grain: Grain; at: Date; requests: number }[]>`
    select r.grain, r.at, sum(r.requests)::float8 as requests from rollup_tags r
    where ${isSuch} and ${rolledScope(sql, scope, plan)} group by 1, 2`;
  return new Map(rows.map(({ grain, at, requests }) => [`${grain}/${at.getTime()}`, requests]));
}

function ofTags(sql: Sql, tags: readonly string[]): Fragment {
  const wanted = tags.map(splitTag);
  const [names, values] = [wanted.map(({ name }) => name), wanted.map(({ value }) => value)];
  return sql`r.name = any(${names}::text[]) and (r.value = ${OTHER_VALUES} or (r.name, r.value) in (
    select * from unnest(${names}::text[], ${values}::text[])))`;
}

function ofText(sql: Sql, text: string): Fragment {
  const prefix = startsWith(text);
  return sql`(r.value = ${OTHER_VALUES} or r.value ilike ${prefix} or r.name || '=' || r.value ilike ${prefix})`;
}
