import type { Because } from './decide';
import type { Uuid } from './ids';
import type { DecisionFacts } from './policy/decision-facts';
import type { Prediction } from './policy/judge';
import type { Agent, Client, Endpoint, Lane, TerminalState } from './request-states';
import type { Tags } from './tags';

/**
 * The request log's two records, as they lie in the spool: `opened` before the upstream call, `closed` before the
 * caller's last byte. Together they are one log row and its attempts; an `opened` alone becomes `interrupted`.
 * All times are Unix ms, durations ms, money picodollars as decimal text (JSON has no bigint).
 */
export interface OpenedRecord {
  id: Uuid;
  arrivedAt: number;
  endpoint: Endpoint;
  upstream: string;
  simulated: boolean;
  keyId: Uuid | null;
  /** First 16 hex digits of the HMAC of a passed-through credential. */
  credential: string | null;
  client: Client;
  agent: Agent;
  sessionId: string | null;
  agentId: string | null;
  parentAgentId: string | null;
  tags: Tags;
  lane: Lane;
  rule: string;
  because: Because;
  policyVersion: number;
  model: string | null;
  stream: boolean;
  toleranceMs: number | null;
  deadlineAt: number | null;
  /** Estimate: a quarter of the prompt's bytes. */
  inputTokens: number | null;
  maxTokens: number | null;
  hasTools: boolean;
  hasThinking: boolean;
  /** What else the decision saw; `null`: nothing was decided. */
  facts?: DecisionFacts | null;
  /** What an `auto` decision was judged by. */
  prediction?: Prediction | null;
  /**
   * Of a call that went to batch: tokens of a prompt prefix that the sync lane had warm at arrival, and of the whole one up
   * to the last mark. Estimates; only their ratio is exact enough to price by.
   */
  warmPrefixTokens?: number;
  prefixTokens?: number;
}

export interface AttemptRecord {
  /** Upstream's message id, or `<batch id>/<custom_id>`; what makes the attempt unique. */
  key: string;
  lane: Lane;
  startedAt: number;
  endedAt: number;
  httpStatus: number | null;
  errorType: string | null;
  messageId: string | null;
  upstreamRequestId: string | null;
  /** The model that the response names. */
  model: string | null;
  /** Upstream's own usage object, untouched. */
  usage: unknown;
  /** Usage was cut short by an abort or a broken stream, so the output is an estimate. */
  estimated: boolean;
  /** `null`: usage without a price. */
  costPico: string | null;
  /** What the same usage costs in the sync lane. */
  syncCostPico: string | null;
  priceId: number | null;
  /** Bytes of it were handed to the caller. */
  delivered: boolean;
}

export interface ClosedRecord {
  id: Uuid;
  state: TerminalState;
  servedBy: Lane | null;
  httpStatus: number | null;
  errorType: string | null;
  ttfbMs: number | null;
  latencyMs: number | null;
  upstreamRequestId: string | null;
  /** Upstream's id of the batch that the request was in, if it was in one. */
  batchId?: string | null;
  /** Those that are known now; one that is known already is only marked as delivered. */
  attempts: readonly AttemptRecord[];
}

export type SpoolRecord = { opened: OpenedRecord } | { closed: ClosedRecord };

/** What a request that lost its process is closed as. */
export function interrupted(id: Uuid): ClosedRecord {
  return {
    id,
    state: 'interrupted',
    servedBy: null,
    httpStatus: null,
    errorType: null,
    ttfbMs: null,
    latencyMs: null,
    upstreamRequestId: null,
    attempts: [],
  };
}
