import type { Sql } from 'postgres';
import { uuidTime } from '@/lib/core/ids';
import type { AttemptRecord, ClosedRecord, OpenedRecord } from '@/lib/core/request-record';
import { dayOf, ensurePartitions } from './partitions';
import { upstreamNumber } from './upstreams';

/** One finished request: both its records. */
export interface LoggedRequest {
  opened: OpenedRecord;
  closed: ClosedRecord;
}

/** Writes finished requests to the log. Remembers which partitions and upstreams exist, so that a batch is two inserts. */
export class Ingest {
  readonly #days = new Set<number>();
  readonly #upstreams = new Map<string, number>();

  constructor(private readonly sql: Sql) {}

  /** Idempotent: a record that is already there changes nothing. All or nothing. */
  async write(batch: readonly LoggedRequest[]): Promise<void> {
    if (batch.length === 0) return;
    await this.#prepare(batch);
    const requestRows = batch.map((one) => requestRow(one, this.#upstreams.get(one.opened.upstream) ?? 0));
    const attemptRows = batch.flatMap(({ opened, closed }) => closed.attempts.map((a) => attemptRow(opened.id, a)));
    const lastUsed = lastUses(batch);
    await this.sql.begin(async (tx) => {
      await tx.unsafe(INSERT_REQUESTS, [jsonForPostgres(requestRows)]);
      if (attemptRows.length > 0) await tx.unsafe(INSERT_ATTEMPTS, [jsonForPostgres(attemptRows)]);
      if (lastUsed.length > 0) await tx.unsafe(UPDATE_LAST_USED, [jsonForPostgres(lastUsed)]);
    });
  }

  async #prepare(batch: readonly LoggedRequest[]): Promise<void> {
    const days = new Set(batch.map(({ opened }) => dayOf(uuidTime(opened.id))));
    const missing = [...days].filter((day) => !this.#days.has(day));
    await ensurePartitions(this.sql, missing);
    for (const day of missing) this.#days.add(day);
    for (const { opened } of batch) {
      if (this.#upstreams.has(opened.upstream)) continue;
      this.#upstreams.set(opened.upstream, await upstreamNumber(this.sql, opened.upstream, opened.simulated));
    }
  }

  /** A partition may have been dropped under us: forget what was believed, so that a retry creates it. */
  forget(): void {
    this.#days.clear();
    this.#upstreams.clear();
  }
}

function requestRow({ opened, closed }: LoggedRequest, upstreamId: number) {
  const sum = (attempts: readonly AttemptRecord[]) =>
    attempts.reduce((total, attempt) => total + BigInt(attempt.costPico ?? 0), 0n);
  const delivered = closed.attempts.filter((attempt) => attempt.delivered);
  const cost = sum(closed.attempts);
  const deliveredCost = sum(delivered);
  return {
    id: opened.id,
    month: monthOf(opened.arrivedAt),
    endpoint: opened.endpoint,
    upstream_id: upstreamId,
    key_id: opened.keyId,
    credential: opened.credential,
    client: opened.client,
    agent: opened.agent,
    session_id: opened.sessionId,
    agent_id: opened.agentId,
    parent_agent_id: opened.parentAgentId,
    tags: opened.tags,
    lane: opened.lane,
    served_by: closed.servedBy,
    rule: opened.rule,
    because: opened.because,
    policy_version: opened.policyVersion,
    state: closed.state,
    http_status: closed.httpStatus,
    error_type: closed.errorType,
    model: opened.model,
    stream: opened.stream,
    tolerance_ms: opened.toleranceMs,
    deadline_at: opened.deadlineAt === null ? null : new Date(opened.deadlineAt),
    input_tokens: opened.inputTokens,
    max_tokens: opened.maxTokens,
    has_tools: opened.hasTools,
    has_thinking: opened.hasThinking,
    usage: delivered.at(-1)?.usage ?? closed.attempts.at(-1)?.usage ?? null,
    cost_pico: cost.toString(),
    // Delivered by the sync lane: what it cost is what sync costs. (Batch items are booked by the lane.)
    sync_cost_pico: deliveredCost.toString(),
    waste_pico: (cost - deliveredCost).toString(),
    unpriced: closed.attempts.some((attempt) => attempt.usage !== null && attempt.costPico === null),
    ttfb_ms: closed.ttfbMs,
    latency_ms: closed.latencyMs,
    batch_id: null,
    upstream_request_id: closed.upstreamRequestId,
  };
}

/** `2026-11`, in UTC. */
function monthOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 7);
}

function attemptRow(requestId: string, attempt: AttemptRecord) {
  return {
    request_id: requestId,
    key: attempt.key,
    lane: attempt.lane,
    started_at: new Date(attempt.startedAt),
    ended_at: new Date(attempt.endedAt),
    http_status: attempt.httpStatus,
    error_type: attempt.errorType,
    message_id: attempt.messageId,
    upstream_request_id: attempt.upstreamRequestId,
    model: attempt.model,
    usage: attempt.usage,
    estimated: attempt.estimated,
    cost_pico: attempt.costPico,
    price_id: attempt.priceId,
    delivered: attempt.delivered,
  };
}

function lastUses(batch: readonly LoggedRequest[]) {
  const last = new Map<string, number>();
  for (const { opened } of batch) {
    if (opened.keyId) last.set(opened.keyId, Math.max(opened.arrivedAt, last.get(opened.keyId) ?? 0));
  }
  // A fixed order: two replicas that update the same keys cannot deadlock.
  return [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, at]) => ({ id, at: new Date(at) }));
}

// What jsonb refuses although JSON allows it: U+0000 and lone surrogates, which a client can put into a model's name.
const UNSTORABLE = /\\u0000|\\ud[89a-f]/i;

function jsonForPostgres(rows: readonly unknown[]): string {
  const text = JSON.stringify(rows);
  return UNSTORABLE.test(text) ? JSON.stringify(rows, (_key, value) => storable(value)) : text;
}

function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd').toWellFormed();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [storable(key), inner]));
}

const REQUEST_COLUMNS = {
  id: 'uuid',
  endpoint: 'text',
  upstream_id: 'smallint',
  key_id: 'uuid',
  credential: 'text',
  client: 'text',
  agent: 'text',
  session_id: 'text',
  agent_id: 'text',
  parent_agent_id: 'text',
  tags: 'jsonb',
  lane: 'text',
  served_by: 'text',
  rule: 'text',
  because: 'text',
  policy_version: 'integer',
  state: 'text',
  http_status: 'smallint',
  error_type: 'text',
  model: 'text',
  stream: 'boolean',
  tolerance_ms: 'integer',
  deadline_at: 'timestamptz',
  input_tokens: 'integer',
  max_tokens: 'integer',
  has_tools: 'boolean',
  has_thinking: 'boolean',
  usage: 'jsonb',
  cost_pico: 'bigint',
  sync_cost_pico: 'bigint',
  waste_pico: 'bigint',
  unpriced: 'boolean',
  ttfb_ms: 'double precision',
  latency_ms: 'double precision',
  batch_id: 'text',
  upstream_request_id: 'text',
};

const ATTEMPT_COLUMNS = {
  request_id: 'uuid',
  key: 'text',
  lane: 'text',
  started_at: 'timestamptz',
  ended_at: 'timestamptz',
  http_status: 'smallint',
  error_type: 'text',
  message_id: 'text',
  upstream_request_id: 'text',
  model: 'text',
  usage: 'jsonb',
  estimated: 'boolean',
  cost_pico: 'bigint',
  price_id: 'integer',
  delivered: 'boolean',
};

// One parameter, however many rows: the column list is fixed here, the values travel as one JSON text.
function insertFromJson(table: string, columns: Record<string, string>): string {
  const names = Object.keys(columns).map((name) => `"${name}"`);
  const typed = Object.entries(columns).map(([name, type]) => `"${name}" ${type}`);
  return `insert into ${table} (${names}) select ${names} from jsonb_to_recordset($1::text::jsonb) as r(${typed}) on conflict do nothing`;
}

// Only rows that were new count towards a key's spend: what is written twice is spent once. In the keys' order, so that
// two replicas cannot deadlock.
function withKeySpend(insertRequests: string): string {
  return `with written as (${insertRequests} returning id, key_id, cost_pico),
    arrived as (select * from jsonb_to_recordset($1::text::jsonb) as a(id uuid, month text))
    insert into key_spend (key_id, month, spent_pico)
    select key_id, month, sum(cost_pico)::bigint from written join arrived using (id)
    where key_id is not null and cost_pico > 0 group by key_id, month order by key_id, month
    on conflict (key_id, month) do update set spent_pico = key_spend.spent_pico + excluded.spent_pico`;
}

const INSERT_REQUESTS = withKeySpend(insertFromJson('requests', REQUEST_COLUMNS));
const INSERT_ATTEMPTS = insertFromJson('attempts', ATTEMPT_COLUMNS);
const UPDATE_LAST_USED = `update keys set last_used_at = r.at from jsonb_to_recordset($1::text::jsonb) as r(id uuid, at timestamptz)
  where keys.id = r.id and (keys.last_used_at is null or keys.last_used_at < r.at)`;
