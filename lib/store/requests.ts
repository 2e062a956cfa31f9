import type { Sql } from 'postgres';
import type { Attempt, RequestDetail, RequestRow, RequestsAnswer } from '@/lib/contract/requests';
import { requestId, type Uuid, uuidFloor, uuidTime } from '@/lib/core/ids';
import type { OpenedRecord } from '@/lib/core/request-record';
import { type RequestState, TERMINAL_STATES } from '@/lib/core/request-states';
import { decisionOfOpen, findDecision, findWaitingDecision } from './find-decision';
import { matchesOpen, type OpenRequest } from './open-requests';
import { examined } from './request-facets';
import {
  conditions,
  type Fragment,
  inRange,
  ofUpstream,
  type RequestFilter,
  startsWith,
  type UpstreamScope,
} from './request-filter';
import { reachOf } from './request-reach';
import { type AttemptRow, factsOfLog, factsOfOpen, fromLog, fromOpen, type LogRow, toAttempt } from './request-row';
import { findLanePlace, waitingRequests } from './waiting-requests';

export interface RequestPage {
  /** Id of the last row of the page before; `null` asks for the first page. */
  cursor: Uuid | null;
  limit: number;
  /** Those with the highest instead, on one page. */
  highest?: 'cost' | 'latency' | undefined;
}

/** More than this many calls of one message id are never listed. */
const MOST_OF_MESSAGE = 100;
/** Of requests that failed in the way that is searched for so many are among the candidates of a page. */
const MOST_FAILED = 2_000;

/**
 * One page of the log, newest first, with what is not logged yet in its place between the rows: calls that wait in the
 * batch lane, and those that are under way in this process.
 * @param open read before this call, so that a request that ends meanwhile is in one of the two, not in neither.
 */
export async function listRequests(
  sql: Sql,
  { open, ...asked }: RequestsAsked & { open: readonly OpenedRecord[] },
): Promise<RequestsAnswer> {
  const { upstream, filter, page } = asked;
  if (page.highest !== undefined) return listHighest(sql, asked, page.highest);
  const ids = await restrict(sql, filter);
  // Before the log: what is logged meanwhile is in both then, not in neither.
  const waiting = await readRows(sql, waitingRequests(sql), asked, ids, ['waiting', 'running']);
  const [{ logged, until }, running] = await Promise.all([
    readLog(sql, asked, ids),
    nameKeys(sql, await withoutWaiting(sql, open)),
  ]);
  const rows = new Map<Uuid, RequestRow>();
  for (const one of running.filter((candidate) => matchesOpen(candidate, upstream, filter))) {
    if (page.cursor === null || one.record.id < page.cursor) rows.set(one.record.id, fromOpen(one));
  }
  // A finished request may still be open here for a moment: the log's row is the newest truth.
  for (const row of [...waiting, ...logged]) rows.set(row.id, fromLog(row, upstream.simulated));
  const newest = [...rows].filter(([id]) => until === null || id >= until).sort(([a], [b]) => (a < b ? 1 : -1));
  const shown = newest.slice(0, page.limit).map(([, row]) => row);
  const isFull = newest.length > page.limit;
  return { rows: shown, nextCursor: isFull ? (shown.at(-1)?.id ?? null) : until && requestId(until) };
}

/** @returns `until`: back to this id all was looked at, older rows may match too; `null`: there are no others. */
async function readLog(sql: Sql, asked: RequestsAsked, ids: readonly Uuid[] | null) {
  const { upstream, filter, page } = asked;
  const reach = ids === null ? await reachOf(sql, upstream, filter, page) : null;
  if (reach === null) {
    // Fenced off, or the planner might walk the log from its end until it meets the few rows of a batch.
    const source =
      filter.search?.kind === 'batch'
        ? sql`select * from requests where batch_id = ${filter.search.id} and ${inRange(sql, filter.range, sql`id`)} offset 0`
        : sql`select * from requests`;
    return { logged: await readRows(sql, source, asked, ids, TERMINAL_STATES), until: null };
  }
  const { spans } = reach;
  const failed = await failedWith(sql, asked, reach.until === null ? null : uuidFloor(reach.until));
  const apart = failed.ids.filter((id) => !spans.some(({ from, to }) => uuidTime(id) >= from && uuidTime(id) < to));
  if (spans.length + apart.length === 0) return { logged: [], until: failed.until };
  const [since, before] = [spans.map(({ from }) => uuidFloor(from)), spans.map(({ to }) => uuidFloor(to))];
  // The inner limit also keeps the planner from walking the whole range and asking of each row whether it is near.
  const source = sql`
    select near.* from unnest(${since}::uuid[], ${before}::uuid[]) as span(since, before)
      cross join lateral (
        select * from requests r where r.id >= span.since and r.id < span.before and ${conditions(sql, upstream, filter)}
          ${page.cursor ? sql`and r.id < ${page.cursor}::uuid` : sql``}
        order by r.id desc limit ${page.limit + 1}) near
    ${apart.length > 0 ? sql`union all select * from requests where id = any(${apart}::uuid[])` : sql``}`;
  return { logged: await readRows(sql, source, asked, null, TERMINAL_STATES), until: failed.until };
}

/**
 * The newest requests whose error begins with the text that is searched for, no further back than `until`.
 * @returns ids, and how far back all are among them.
 */
async function failedWith(sql: Sql, { filter, page }: RequestsAsked, until: Uuid | null) {
  if (filter.search?.kind !== 'text') return { ids: [], until };
  const rows = await sql<{ id: Uuid }[]>`
    select r.id from requests r
    where r.error_type is not null and r.error_type ilike ${startsWith(filter.search.prefix)} and ${inRange(sql, filter.range)}
      ${page.cursor ? sql`and r.id < ${page.cursor}::uuid` : sql``} ${until ? sql`and r.id >= ${until}::uuid` : sql``}
    order by r.id desc limit ${MOST_FAILED}`;
  const ids = rows.map(({ id }) => id);
  return { ids, until: ids.length < MOST_FAILED ? until : (ids.at(-1) ?? until) };
}

/** Finished requests with the highest cost or latency among the newest matches. */
async function listHighest(sql: Sql, asked: RequestsAsked, by: 'cost' | 'latency'): Promise<RequestsAnswer> {
  const { upstream, filter, page } = asked;
  const ids = await restrict(sql, filter);
  const value = by === 'cost' ? sql`r.cost_pico` : sql`coalesce(r.latency_ms, -1)`;
  const rows = await sql<LogRow[]>`
    select ${columns(sql)} from (${examined(sql, filter)}) r left join keys k on k.id = r.key_id
    where ${conditions(sql, upstream, filter)} ${among(sql, ids)}
    order by ${value} desc, r.id desc limit ${page.limit}`;
  return { rows: rows.map((row) => fromLog(row, upstream.simulated)), nextCursor: null };
}

/** One request, finished, waiting or under way; without its bodies. */
export async function findRequest(
  sql: Sql,
  id: Uuid,
  open: readonly OpenedRecord[],
): Promise<Omit<RequestDetail, 'bodies'> | null> {
  // Before the log, for the same reason as in the list.
  const [waiting] = await findRow(sql, waitingRequests(sql), id);
  const [logged] = await findRow(sql, sql`select * from requests`, id);
  const known = logged ?? waiting;
  if (known) {
    const [attempts, place, decided] = await Promise.all([
      readAttempts(sql, id),
      findLanePlace(sql, id, known.batch_id),
      logged ? findDecision(sql, id) : findWaitingDecision(sql, id),
    ]);
    return { request: fromLog(known, known.simulated), facts: factsOfLog(known), attempts, ...place, ...decided };
  }
  const [running] = await nameKeys(
    sql,
    open.filter((record) => record.id === id),
  );
  if (!running) return null;
  const decided = await decisionOfOpen(sql, running.record);
  return { request: fromOpen(running), facts: factsOfOpen(running), attempts: [], item: null, batch: null, ...decided };
}

/** Arrival of the oldest request of that upstream that is logged or waits in the batch lane. */
export async function firstRequestAt(sql: Sql, upstream: UpstreamScope): Promise<Date | null> {
  const [row] = await sql<{ id: Uuid }[]>`
    (select r.id from requests r where ${ofUpstream(sql, upstream)} order by r.id limit 1)
    union all (select r.id from items r where ${ofUpstream(sql, upstream)} order by r.id limit 1)
    order by id limit 1`;
  return row ? new Date(uuidTime(row.id)) : null;
}

interface RequestsAsked {
  upstream: UpstreamScope;
  filter: RequestFilter;
  page: RequestPage;
}

/** Rows that the filter lets through, of a source that only has requests in these states. */
async function readRows(
  sql: Sql,
  source: Fragment,
  { upstream, filter, page }: RequestsAsked,
  ids: readonly Uuid[] | null,
  states: readonly RequestState[],
): Promise<LogRow[]> {
  if (filter.states.length > 0 && !filter.states.some((state) => states.includes(state))) return [];
  return sql<LogRow[]>`
    select ${columns(sql)} from (${source}) r left join keys k on k.id = r.key_id
    where ${conditions(sql, upstream, filter)}
    ${among(sql, ids)}
    ${page.cursor ? sql`and r.id < ${page.cursor}::uuid` : sql``}
    order by r.id desc limit ${page.limit + 1}`;
}

function among(sql: Sql, ids: readonly Uuid[] | null): Fragment {
  return ids ? sql`and r.id = any(${[...ids]}::uuid[])` : sql``;
}

function findRow(sql: Sql, source: Fragment, id: Uuid) {
  return sql<(LogRow & { simulated: boolean })[]>`
    select ${columns(sql)}, u.simulated from (${source}) r left join keys k on k.id = r.key_id
    join upstreams u on u.id = r.upstream_id where r.id = ${id}::uuid`;
}

async function readAttempts(sql: Sql, id: Uuid): Promise<Attempt[]> {
  const rows = await sql<AttemptRow[]>`
    select key, lane, started_at, ended_at, http_status, error_type, message_id, upstream_request_id, model, usage,
      estimated, cost_pico, delivered
    from attempts where request_id = ${id}::uuid order by started_at, key`;
  return rows.map(toAttempt);
}

/** The requests of a message id that is searched for; `null`: the search does not name one. */
async function restrict(sql: Sql, { search }: RequestFilter): Promise<Uuid[] | null> {
  if (search?.kind !== 'message') return null;
  const rows = await sql<{ request_id: Uuid }[]>`
    select request_id from attempts where message_id = ${search.id} limit ${MOST_OF_MESSAGE}`;
  return rows.map((row) => row.request_id);
}

/** A call that was sent to the batch lane after sync had no room for it is that lane's to tell of. */
async function withoutWaiting(sql: Sql, open: readonly OpenedRecord[]): Promise<readonly OpenedRecord[]> {
  if (open.length === 0) return open;
  const rows = await sql<{ id: Uuid }[]>`
    select id from items where id = any(${open.map(({ id }) => id)}::uuid[]) and closed_at is null`;
  const waiting = new Set(rows.map(({ id }) => id));
  return open.filter(({ id }) => !waiting.has(id));
}

async function nameKeys(sql: Sql, open: readonly OpenedRecord[]): Promise<OpenRequest[]> {
  const ids = [...new Set(open.flatMap(({ keyId }) => (keyId ? [keyId] : [])))];
  const rows =
    ids.length > 0
      ? await sql<{ id: string; name: string }[]>`select id, name from keys where id = any(${ids}::uuid[])`
      : [];
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return open.map((record) => ({ record, key: record.keyId ? (names.get(record.keyId) ?? null) : null }));
}

function columns(sql: Sql) {
  return sql`r.id, r.endpoint, k.name as key_name, r.client, r.agent, r.session_id, r.agent_id, r.parent_agent_id, r.tags,
    r.lane, r.served_by, r.rule, r.because, r.policy_version, r.state, r.http_status, r.error_type, r.model, r.stream,
    r.tolerance_ms, r.deadline_at, r.input_tokens, r.max_tokens, r.has_tools, r.has_thinking, r.warm_prefix,
    r.usage, r.cost_pico,
    r.sync_cost_pico, r.waste_pico, r.unpriced, r.ttfb_ms, r.latency_ms, r.batch_id, r.upstream_request_id`;
}
