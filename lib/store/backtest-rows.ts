import type { Sql } from 'postgres';
import type { FactsAsked } from '@/lib/core/backtest/facts-asked';
import type { LoggedOutcome } from '@/lib/core/backtest/logged-outcome';
import { observeBatch, type Turnaround } from '@/lib/core/estimate/turnaround';
import { type Uuid, uuidFloor, uuidTime } from '@/lib/core/ids';
import type { Agent, Client, Lane, TerminalState } from '@/lib/core/request-states';
import type { TimeRange } from '@/lib/core/time-range';
import { copyLines, quoted, unescaped } from './copy-lines';
import type { OwnPart, SharedPart } from './logged-calls';
import { ofUpstream, type UpstreamScope } from './request-filter';

const MOST_BATCHES = 200_000;
/** Beyond so many kinds of calls the known ones are forgotten. */
const MOST_ALIKE = 20_000;
const ID_LENGTH = 36;

/** What a call has of its own, and what it shares with others. */
export interface BacktestRow extends OwnPart {
  /** Calls that are the same but for the rest are one object: there are few of them among a million. */
  alike: Alike;
  cost: number;
  syncCost: number;
  waste: number;
  latencyMs: number | null;
  /** Unix ms. */
  deadlineAt: number | null;
  cacheReadTokens: number;
  cachedForHour: boolean;
  webSearches: number;
  batchId: string | null;
}

export type Alike = SharedPart &
  Pick<LoggedOutcome, 'lane' | 'rule' | 'because' | 'servedBy' | 'state' | 'timedOut' | 'unpriced'>;

/** Calls of a page, read one after the other: a million of them at once would be too many objects to keep. */
export interface BacktestPage {
  calls: number;
  last: Uuid | null;
  /** @param size how many are read at once. */
  parts(size: number): Iterable<BacktestRow[]>;
}

export interface BacktestScope {
  upstream: UpstreamScope;
  range: TimeRange;
}

/** Reads a range of the log page by page, no more of it than a policy looks at. */
export class BacktestPages {
  readonly #alike = new Map<string, Alike>();
  #keyNames: ReadonlyMap<string, string> | null = null;
  #upstreams: readonly number[] = [];
  #after: Uuid | null = null;

  constructor(
    private readonly sql: Sql,
    private readonly scope: BacktestScope,
    private readonly asked: FactsAsked,
  ) {}

  /**
   * The next so many decided calls, oldest first; fewer, when it was the last page. What was refused before it was decided
   * is not among them. One at a time.
   */
  async next(limit: number): Promise<BacktestPage> {
    const { range } = this.scope;
    const keyNames = this.#keyNames ?? (await this.#begin());
    const from = this.#after === null ? `>= '${uuidFloor(range.from.getTime())}'` : `> '${this.#after}'`;
    const lines = await copyLines(
      this.sql,
      `select ${columns(this.asked)} from requests r
       where r.upstream_id = any('{${this.#upstreams.join(',')}}'::smallint[]) and r.endpoint = 'messages'
         and r.id ${from}::uuid and r.id < '${uuidFloor(range.to.getTime())}'::uuid
         and not (r.state = 'refused' and r.opted_out is null)
       order by r.id limit ${limit}`,
    );
    const last = lines.at(-1)?.slice(0, ID_LENGTH) ?? null;
    this.#after = (last as Uuid | null) ?? this.#after;
    const read = (line: string) => this.#read(line, keyNames);
    return {
      calls: lines.length,
      last: last as Uuid | null,
      *parts(size) {
        for (let from = 0; from < lines.length; from += size) yield lines.slice(from, from + size).map(read);
      },
    };
  }

  async #begin(): Promise<ReadonlyMap<string, string>> {
    const { sql } = this;
    const upstreams = await sql<{ id: number }[]>`
      select r.id from upstreams r where ${ofUpstream(sql, this.scope.upstream, sql`r.id`)}`;
    this.#upstreams = upstreams.map(({ id }) => id);
    const keys = await sql<{ id: string; name: string }[]>`select id, name from keys`;
    this.#keyNames = new Map(keys.map(({ id, name }) => [id, name]));
    return this.#keyNames;
  }

  #read(line: string, keyNames: ReadonlyMap<string, string>): BacktestRow {
    let at = 0;
    const take = () => {
      const tab = line.indexOf('\t', at);
      const value = line.slice(at, tab);
      at = tab + 1;
      return value;
    };
    // In the order of `columns`.
    const id = take() as Uuid;
    const session_id = text(take());
    const input_tokens = number(take());
    const cost = Number(take());
    const syncCost = Number(take());
    const waste = Number(take());
    const latencyMs = number(take());
    const deadlineAt = number(take());
    const cacheReadTokens = Number(text(take()) ?? 0) || 0;
    const cachedForHour = Number(text(take()) ?? 0) > 0;
    const webSearches = Number(text(take()) ?? 0) || 0;
    const batchId = text(take());
    const batch_backlog = number(take());
    const sync_p95_ms = number(take());
    const spend_today = number(take());
    const sync_need_ms = number(take());
    const expected_output = number(take());
    const prefix = json(take()) as OwnPart['prefix'];
    return {
      alike: this.#alikeOf(line.slice(at), keyNames),
      id,
      session_id,
      input_tokens,
      cost,
      syncCost,
      waste,
      latencyMs,
      deadlineAt,
      cacheReadTokens,
      cachedForHour,
      webSearches,
      batchId,
      batch_backlog,
      sync_p95_ms,
      spend_today,
      sync_need_ms,
      expected_output,
      prefix,
    };
  }

  #alikeOf(columnsText: string, keyNames: ReadonlyMap<string, string>): Alike {
    const known = this.#alike.get(columnsText);
    if (known) return known;
    if (this.#alike.size >= MOST_ALIKE) this.#alike.clear();
    const alike = readAlike(columnsText, this.asked, keyNames);
    this.#alike.set(columnsText, alike);
    return alike;
  }
}

function columns(asked: FactsAsked): string {
  const when = (isAsked: boolean, column: string) => (isAsked ? column : 'null');
  const own = [
    'r.id',
    when(asked.session, 'r.session_id'),
    when(asked.inputTokens, 'r.input_tokens'),
    'r.cost_pico',
    'r.sync_cost_pico',
    'r.waste_pico',
    'r.latency_ms',
    "round(date_part('epoch', r.deadline_at) * 1000)::float8",
    // As upstream wrote them, whatever that is.
    "r.usage ->> 'cache_read_input_tokens'",
    "r.usage -> 'cache_creation' ->> 'ephemeral_1h_input_tokens'",
    "r.usage -> 'server_tool_use' ->> 'web_search_requests'",
    'r.batch_id',
    when(asked.backlog, 'r.batch_backlog'),
    when(asked.syncP95, 'r.sync_p95_ms'),
    when(asked.spend, 'r.spend_today'),
    'r.sync_need_ms',
    'r.expected_output',
    when(asked.prefix, 'r.prefix'),
  ];
  const alike = [
    ...['model', 'tolerance_ms', 'key_id', 'client', 'agent', 'stream', 'max_tokens', 'has_tools', 'has_thinking'],
    ...['opted_out', 'ineligible', 'lane_down', 'estimate_id', 'patience_ms', 'spilled'],
    ...['lane', 'rule', 'because', 'served_by', 'state', 'error_type', 'unpriced'],
  ].map((name) => `r.${name}`);
  const tags = asked.tags.map((name) => `r.tags ->> ${quoted(name)}`);
  return [...own, ...alike, when(asked.headers, 'r.header_facts'), ...tags].join(', ');
}

function readAlike(columnsText: string, asked: FactsAsked, keyNames: ReadonlyMap<string, string>): Alike {
  const values = columnsText.split('\t');
  let next = 0;
  const take = () => values[next++];
  const model = text(take());
  const tolerance_ms = number(take());
  const keyId = text(take());
  return {
    model,
    tolerance_ms,
    key_name: keyId === null ? null : (keyNames.get(keyId) ?? null),
    client: text(take()) as Client,
    agent: text(take()) as Agent,
    stream: boolean(take()) ?? false,
    max_tokens: number(take()),
    has_tools: boolean(take()) ?? false,
    has_thinking: boolean(take()) ?? false,
    opted_out: boolean(take()),
    ineligible: text(take()),
    lane_down: boolean(take()),
    estimate_id: text(take()),
    patience_ms: number(take()),
    spilled: boolean(take()),
    lane: text(take()) as Lane,
    rule: text(take()) ?? '',
    because: text(take()) ?? '',
    servedBy: text(take()) as Lane | null,
    state: text(take()) as TerminalState,
    timedOut: text(take()) === 'timeout_error',
    unpriced: boolean(take()) ?? false,
    header_facts: json(take()) as SharedPart['header_facts'],
    tags: readTags(asked.tags, values.slice(next)),
  };
}

/** Those that were asked for; `fromEntries` defines what an assignment might not. */
function readTags(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name, i) => {
      const value = text(values[i]);
      return value === null ? [] : [[name, value]];
    }),
  );
}

function text(column = '\\N'): string | null {
  return unescaped(column);
}

function number(column = '\\N'): number | null {
  return column === '\\N' ? null : Number(column);
}

function boolean(column = '\\N'): boolean | null {
  return column === '\\N' ? null : column === 't';
}

function json(column = '\\N'): unknown {
  const value = unescaped(column);
  return value === null ? null : JSON.parse(value);
}

export function outcomeOf(own: BacktestRow, batchDoneAt: ReadonlyMap<string, number>): LoggedOutcome {
  const { alike } = own;
  const arrivedAt = uuidTime(own.id);
  const doneAt = own.batchId === null ? undefined : batchDoneAt.get(own.batchId);
  return {
    lane: alike.spilled ? 'sync' : alike.lane,
    rule: alike.rule,
    because: alike.because,
    servedBy: alike.servedBy,
    state: alike.state,
    timedOut: alike.timedOut,
    cost: own.cost,
    syncCost: own.syncCost,
    waste: own.waste,
    unpriced: alike.unpriced,
    latencyMs: own.latencyMs,
    deadlineMs: own.deadlineAt === null ? null : own.deadlineAt - arrivedAt,
    cacheReadTokens: own.cacheReadTokens,
    cachedForHour: own.cachedForHour,
    webSearches: own.webSearches,
    batchDoneMs: doneAt === undefined ? null : doneAt - arrivedAt,
  };
}

export interface BacktestBatches {
  turnarounds: (Turnaround & { model: string })[];
  /** Unix ms at which the results of a batch were there, by upstream's id. */
  doneAt: Map<string, number>;
}

/** Batches that were made in the range, as they are known now. @param now Unix ms. */
export async function readBacktestBatches(
  sql: Sql,
  scope: { upstream: UpstreamScope; range: TimeRange; now: number },
): Promise<BacktestBatches> {
  const { upstream, range, now } = scope;
  const count = (kind: string) =>
    sql`coalesce(jsonb_path_query_first(r.counts, ${`$.${kind} ? (@.type() == "number" && @ < 1000000000)`}::jsonpath)::int, 0)`;
  const rows = await sql<BatchRow[]>`
    select r.model, r.msgbatch_id, r.upstream_created_at, r.ended_at, r.seen_ended_at, r.cancel_requested_at, r.closed_at,
      r.expires_at, ${count('expired')} as expired, ${count('canceled')} as canceled
    from batches r
    where ${ofUpstream(sql, upstream)} and r.created_at >= ${range.from} and r.created_at < ${range.to}
    order by r.created_at desc limit ${MOST_BATCHES}`;
  const turnarounds: BacktestBatches['turnarounds'] = [];
  const doneAt = new Map<string, number>();
  for (const row of rows) {
    const seen = observeBatch(
      {
        upstreamCreatedAt: row.upstream_created_at?.getTime() ?? null,
        upstreamEndedAt: row.ended_at?.getTime() ?? null,
        seenEndedAt: row.seen_ended_at?.getTime() ?? null,
        cancelRequestedAt: row.cancel_requested_at?.getTime() ?? null,
        closedAt: row.closed_at?.getTime() ?? null,
        expiresAt: row.expires_at?.getTime() ?? null,
        expired: row.expired,
        canceled: row.canceled,
      },
      now,
    );
    if (seen) turnarounds.push({ ...seen, model: row.model });
    const closed = row.closed_at ?? row.seen_ended_at;
    if (seen?.ended && row.msgbatch_id !== null && closed) doneAt.set(row.msgbatch_id, closed.getTime());
  }
  return { turnarounds, doneAt };
}

interface BatchRow {
  model: string;
  msgbatch_id: string | null;
  upstream_created_at: Date | null;
  ended_at: Date | null;
  seen_ended_at: Date | null;
  cancel_requested_at: Date | null;
  closed_at: Date | null;
  expires_at: Date | null;
  expired: number;
  canceled: number;
}
