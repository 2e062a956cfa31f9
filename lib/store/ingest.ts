import type { Sql } from 'postgres';
import { type Uuid, uuidTime } from '@/lib/core/ids';
import type { AttemptRecord, ClosedRecord, OpenedRecord } from '@/lib/core/request-record';
import { bookAttempts, markDelivered, refreshSums } from './attempts';
import { FACT_COLUMNS, factColumns } from './decision-facts';
import { insertFromJson, jsonForPostgres } from './insert-from-json';
import { dayOf, ensurePartitions } from './partitions';
import { servedUpstream } from './upstreams';

/** One finished request: both its records. */
export interface LoggedRequest {
  opened: OpenedRecord;
  closed: ClosedRecord;
}

/** Writes finished requests to the log. Remembers which partitions and upstreams exist, so that a batch is two inserts. */
export class Ingest {
  readonly #days = new Set<number>();
  readonly #upstreams = new Map<string, number>();

  /** @param past what it writes was never in the lane's tables: a simulated past. */
  constructor(
    private readonly sql: Sql,
    private readonly past = false,
  ) {}

  /** Idempotent: a record that is already there changes nothing. All or nothing. */
  async write(finished: readonly LoggedRequest[]): Promise<void> {
    const batch = await this.#withoutMoved(finished);
    if (batch.length === 0) return;
    await this.#prepare(batch);
    const requestRows = batch.map((one) => requestRow(one, this.#upstreams.get(one.opened.upstream) ?? 0));
    const attempts = batch.flatMap(({ opened, closed }) => closed.attempts.map((attempt) => ({ opened, attempt })));
    const lastUsed = lastUses(batch);
    // What was in the batch lane may have attempts that the lane books at the same time: the item's row is their lock.
    const ofLane = this.past
      ? []
      : batch.filter(({ opened, closed }) => opened.lane === 'batch' || closed.batchId).map(idOf);
    await this.sql.begin(async (tx) => {
      if (ofLane.length > 0) await tx`select 1 from items where id = any(${ofLane}::uuid[]) order by id for update`;
      await tx.unsafe(INSERT_REQUESTS, [jsonForPostgres(requestRows)]);
      await bookAttempts(tx, attempts);
      if (lastUsed.length > 0) await tx.unsafe(UPDATE_LAST_USED, [jsonForPostgres(lastUsed)]);
      if (ofLane.length === 0) return;
      await markDelivered(tx, attempts);
      await refreshSums(tx, ofLane);
      await tx`update items set closed_at = now() where id = any(${ofLane}::uuid[]) and closed_at is null`;
    });
  }

  // A sync call that spilled into the batch lane before its process died is not interrupted: the lane has it.
  async #withoutMoved(batch: readonly LoggedRequest[]): Promise<readonly LoggedRequest[]> {
    const cut = batch.filter(({ closed }) => closed.state === 'interrupted').map(idOf);
    if (cut.length === 0) return batch;
    const rows = await this.sql<
      { id: Uuid }[]
    >`select id from items where id = any(${cut}::uuid[]) and closed_at is null`;
    const moved = new Set(rows.map(({ id }) => id));
    return batch.filter(({ opened, closed }) => closed.state !== 'interrupted' || !moved.has(opened.id));
  }

  async #prepare(batch: readonly LoggedRequest[]): Promise<void> {
    const days = new Set(batch.map(({ opened }) => dayOf(uuidTime(opened.id))));
    const missing = [...days].filter((day) => !this.#days.has(day));
    await ensurePartitions(this.sql, missing);
    for (const day of missing) this.#days.add(day);
    for (const { opened } of batch) {
      if (this.#upstreams.has(opened.upstream)) continue;
      this.#upstreams.set(opened.upstream, await servedUpstream(this.sql, opened.upstream, opened.simulated));
    }
  }

  /** A partition may have been dropped under us: forget what was believed, so that a retry creates it. */
  forget(): void {
    this.#days.clear();
    this.#upstreams.clear();
  }
}

const idOf = ({ opened }: LoggedRequest) => opened.id;

function requestRow({ opened, closed }: LoggedRequest, upstreamId: number) {
  const sum = (attempts: readonly AttemptRecord[]) =>
    attempts.reduce((total, attempt) => total + BigInt(attempt.costPico ?? 0), 0n);
  const delivered = closed.attempts.filter((attempt) => attempt.delivered);
  const cost = sum(closed.attempts);
  const deliveredCost = sum(delivered);
  return {
    id: opened.id,
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
    sync_cost_pico: delivered.reduce((total, { syncCostPico }) => total + BigInt(syncCostPico ?? 0), 0n).toString(),
    waste_pico: (cost - deliveredCost).toString(),
    unpriced: closed.attempts.some((attempt) => attempt.usage !== null && attempt.costPico === null),
    ttfb_ms: closed.ttfbMs,
    latency_ms: closed.latencyMs,
    batch_id: closed.batchId ?? null,
    upstream_request_id: closed.upstreamRequestId,
    prediction: opened.prediction ?? null,
    ...factColumns(opened.facts ?? null),
    warm_prefix: (opened.warmPrefixTokens ?? 0) > 0,
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
  prediction: 'jsonb',
  ...FACT_COLUMNS,
  warm_prefix: 'boolean',
};

const INSERT_REQUESTS = insertFromJson('requests', REQUEST_COLUMNS);
const UPDATE_LAST_USED = `update keys set last_used_at = r.at from jsonb_to_recordset($1::text::jsonb) as r(id uuid, at timestamptz)
  where keys.id = r.id and (keys.last_used_at is null or keys.last_used_at < r.at)`;
