import type { Sql } from 'postgres';
import type { RequestDetail, RequestRow, RequestsAnswer } from '@/lib/contract/requests';
import { type Uuid, uuidTime } from '@/lib/core/ids';
import type { OpenedRecord } from '@/lib/core/request-record';
import { matchesOpen, type OpenRequest } from './open-requests';
import { conditions, ofUpstream, type RequestFilter, type UpstreamScope } from './request-filter';
import { type AttemptRow, factsOfLog, factsOfOpen, fromLog, fromOpen, type LogRow, toAttempt } from './request-row';

export interface RequestPage {
  /** Id of the last row of the page before; `null` asks for the first page. */
  cursor: Uuid | null;
  limit: number;
}

/** More than this many calls of one message id are never listed. */
const MOST_OF_MESSAGE = 100;

/**
 * One page of the log, newest first, with what is under way in this process in its place between the rows.
 * @param open read before this call, so that a request that ends meanwhile is in one of the two, not in neither.
 */
export async function listRequests(
  sql: Sql,
  {
    upstream,
    filter,
    open,
    page,
  }: { upstream: UpstreamScope; filter: RequestFilter; open: readonly OpenedRecord[]; page: RequestPage },
): Promise<RequestsAnswer> {
  const [logged, running] = await Promise.all([
    readLog(sql, upstream, filter, page),
    nameKeys(sql, open).then((named) => named.filter((one) => matchesOpen(one, upstream, filter))),
  ]);
  const rows = new Map<Uuid, RequestRow>();
  for (const one of running) {
    if (page.cursor === null || one.record.id < page.cursor) rows.set(one.record.id, fromOpen(one));
  }
  // A finished request may still be open here for a moment: the log's row is the newer truth.
  for (const row of logged) rows.set(row.id, fromLog(row, upstream.simulated));
  const newest = [...rows].sort(([a], [b]) => (a < b ? 1 : -1));
  const shown = newest.slice(0, page.limit).map(([, row]) => row);
  return { rows: shown, nextCursor: newest.length > page.limit ? (shown.at(-1)?.id ?? null) : null };
}

/** One request, finished or under way; without its bodies. */
export async function findRequest(
  sql: Sql,
  id: Uuid,
  open: readonly OpenedRecord[],
): Promise<Omit<RequestDetail, 'bodies'> | null> {
  const [row] = await sql<(LogRow & { simulated: boolean })[]>`
    select ${columns(sql)}, u.simulated from requests r left join keys k on k.id = r.key_id
    join upstreams u on u.id = r.upstream_id where r.id = ${id}::uuid`;
  if (row) {
    const attempts = await sql<AttemptRow[]>`
      select key, lane, started_at, ended_at, http_status, error_type, message_id, upstream_request_id, model, usage,
        estimated, cost_pico, delivered
      from attempts where request_id = ${id}::uuid order by started_at, key`;
    return { request: fromLog(row, row.simulated), facts: factsOfLog(row), attempts: attempts.map(toAttempt) };
  }
  const [running] = await nameKeys(
    sql,
    open.filter((record) => record.id === id),
  );
  return running ? { request: fromOpen(running), facts: factsOfOpen(running), attempts: [] } : null;
}

/** Arrival of the oldest logged request of that upstream. */
export async function firstRequestAt(sql: Sql, upstream: UpstreamScope): Promise<Date | null> {
  const [row] = await sql<{ id: Uuid }[]>`
    select r.id from requests r where ${ofUpstream(sql, upstream)} order by r.id limit 1`;
  return row ? new Date(uuidTime(row.id)) : null;
}

async function readLog(sql: Sql, upstream: UpstreamScope, filter: RequestFilter, page: RequestPage): Promise<LogRow[]> {
  const { states, search } = filter;
  if (states.length > 0 && states.every((state) => state === 'running' || state === 'waiting')) return [];
  const ofMessage = search?.kind === 'message' ? await requestsOfMessage(sql, search.id) : null;
  return sql<LogRow[]>`
    select ${columns(sql)} from requests r left join keys k on k.id = r.key_id
    where ${conditions(sql, upstream, filter)}
    ${ofMessage ? sql`and r.id = any(${ofMessage}::uuid[])` : sql``}
    ${page.cursor ? sql`and r.id < ${page.cursor}::uuid` : sql``}
    order by r.id desc limit ${page.limit + 1}`;
}

async function requestsOfMessage(sql: Sql, messageId: string): Promise<Uuid[]> {
  const rows = await sql<{ request_id: Uuid }[]>`
    select request_id from attempts where message_id = ${messageId} limit ${MOST_OF_MESSAGE}`;
  return rows.map((row) => row.request_id);
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
    r.tolerance_ms, r.deadline_at, r.input_tokens, r.max_tokens, r.has_tools, r.has_thinking, r.usage, r.cost_pico,
    r.sync_cost_pico, r.waste_pico, r.unpriced, r.ttfb_ms, r.latency_ms, r.batch_id, r.upstream_request_id`;
}
