import type { AttemptRecord, ClosedRecord, OpenedRecord } from '@/lib/core/request-record';
import { FACT_COLUMNS, factColumns } from './decision-facts';

/** One finished request: both its records. */
export interface LoggedRequest {
  opened: OpenedRecord;
  closed: ClosedRecord;
}

/** A finished request as a row of `requests`, by column. */
export function requestColumns({ opened, closed }: LoggedRequest, upstreamId: number) {
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

/** Columns of `requests`, with their types. */
export const REQUEST_COLUMNS = {
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
