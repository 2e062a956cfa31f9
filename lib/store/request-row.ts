import type { Attempt, RequestDetail, RequestRow } from '@/lib/contract/requests';
import { requestId, type Uuid, uuidTime } from '@/lib/core/ids';
import { formatUsd } from '@/lib/core/money';
import type { Agent, Client, Endpoint, Lane, RequestState } from '@/lib/core/request-states';
import type { OpenRequest } from './open-requests';

/** A row of the log, or of a waiting call, as the raw client reads it: a bigint is text. */
export interface LogRow {
  id: Uuid;
  endpoint: Endpoint;
  key_name: string | null;
  client: Client;
  agent: Agent;
  session_id: string | null;
  agent_id: string | null;
  parent_agent_id: string | null;
  tags: Record<string, string>;
  lane: Lane;
  served_by: Lane | null;
  rule: string;
  because: string;
  policy_version: number;
  state: RequestState;
  http_status: number | null;
  error_type: string | null;
  model: string | null;
  stream: boolean;
  tolerance_ms: number | null;
  deadline_at: Date | null;
  input_tokens: number | null;
  max_tokens: number | null;
  has_tools: boolean;
  has_thinking: boolean;
  warm_prefix: boolean;
  usage: unknown;
  /** `null`: not over yet. */
  cost_pico: string | null;
  sync_cost_pico: string | null;
  waste_pico: string | null;
  unpriced: boolean;
  ttfb_ms: number | null;
  latency_ms: number | null;
  batch_id: string | null;
  upstream_request_id: string | null;
}

export interface AttemptRow {
  key: string;
  lane: Lane;
  started_at: Date;
  ended_at: Date;
  http_status: number | null;
  error_type: string | null;
  message_id: string | null;
  upstream_request_id: string | null;
  model: string | null;
  usage: unknown;
  estimated: boolean;
  cost_pico: string | null;
  delivered: boolean;
}

export function fromLog(row: LogRow, simulated: boolean): RequestRow {
  const money = (pico: string | null) => (row.unpriced || pico === null ? null : formatUsd(BigInt(pico)));
  return {
    id: requestId(row.id),
    arrivedAt: new Date(uuidTime(row.id)).toISOString(),
    endpoint: row.endpoint,
    model: row.model,
    key: row.key_name,
    tags: row.tags,
    client: row.client,
    agent: row.agent,
    sessionId: row.session_id,
    lane: row.lane,
    servedBy: row.served_by,
    rule: row.rule,
    because: row.because,
    policyVersion: row.policy_version,
    state: row.state,
    httpStatus: row.http_status,
    errorType: row.error_type,
    stream: row.stream,
    usage: asObject(row.usage),
    costUsd: money(row.cost_pico),
    syncCostUsd: money(row.sync_cost_pico),
    wasteUsd: money(row.waste_pico),
    ttfbMs: row.ttfb_ms,
    latencyMs: row.latency_ms,
    deadlineAt: row.deadline_at?.toISOString() ?? null,
    batchId: row.batch_id,
    upstreamRequestId: row.upstream_request_id,
    simulated,
  };
}

/** What it costs and how it ends is not known yet. */
export function fromOpen({ record, key }: OpenRequest): RequestRow {
  return {
    id: requestId(record.id),
    arrivedAt: new Date(record.arrivedAt).toISOString(),
    endpoint: record.endpoint,
    model: record.model,
    key,
    tags: { ...record.tags },
    client: record.client,
    agent: record.agent,
    sessionId: record.sessionId,
    lane: record.lane,
    servedBy: null,
    rule: record.rule,
    because: record.because,
    policyVersion: record.policyVersion,
    state: 'running',
    httpStatus: null,
    errorType: null,
    stream: record.stream,
    usage: null,
    costUsd: null,
    syncCostUsd: null,
    wasteUsd: null,
    ttfbMs: null,
    latencyMs: null,
    deadlineAt: record.deadlineAt === null ? null : new Date(record.deadlineAt).toISOString(),
    batchId: null,
    upstreamRequestId: null,
    simulated: record.simulated,
  };
}

export function factsOfLog(row: LogRow): RequestDetail['facts'] {
  return {
    toleranceMs: row.tolerance_ms,
    inputTokens: row.input_tokens,
    maxTokens: row.max_tokens,
    hasTools: row.has_tools,
    hasThinking: row.has_thinking,
    warmPrefix: row.warm_prefix,
    agentId: row.agent_id,
    parentAgentId: row.parent_agent_id,
  };
}

export function factsOfOpen({ record }: OpenRequest): RequestDetail['facts'] {
  const { toleranceMs, inputTokens, maxTokens, hasTools, hasThinking, agentId, parentAgentId } = record;
  const warmPrefix = (record.warmPrefixTokens ?? 0) > 0;
  return { toleranceMs, inputTokens, maxTokens, hasTools, hasThinking, warmPrefix, agentId, parentAgentId };
}

export function toAttempt(row: AttemptRow): Attempt {
  return {
    key: row.key,
    lane: row.lane,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at.toISOString(),
    httpStatus: row.http_status,
    errorType: row.error_type,
    messageId: row.message_id,
    upstreamRequestId: row.upstream_request_id,
    model: row.model,
    usage: asObject(row.usage),
    estimated: row.estimated,
    costUsd: row.cost_pico === null ? null : formatUsd(BigInt(row.cost_pico)),
    delivered: row.delivered,
  };
}

// Whatever upstream called usage was kept; only an object can be shown as one.
function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}
