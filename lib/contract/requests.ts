import { z } from 'zod';
import { BATCH_STATES, ITEM_OUTCOMES, ITEM_STATES } from '@/lib/core/lane-states';
import { AGENTS, CLIENTS, ENDPOINTS, LANES, REQUEST_ORDERS, REQUEST_STATES } from '@/lib/core/request-states';
import { Prediction } from './prediction';
import { Instant, Many, Moment, TimeZone, Usd } from './query';

/** `GET /api/requests`. */
export const RequestsQuery = z.strictObject({
  from: Moment.default('now-24h'),
  to: Moment.default('now'),
  tz: TimeZone,
  /** Here and in `rule` and `key`, a value that ends in `*` is a prefix. */
  model: Many,
  lane: z.array(z.enum(LANES)).default([]),
  rule: Many,
  key: Many,
  /** `name=value`. */
  tag: Many.refine((tags) => tags.every((tag) => tag.indexOf('=') > 0), 'must be of the form name=value'),
  status: z.array(z.enum(REQUEST_STATES)).default([]),
  /** The lane that answered. With `lane=batch`, `served=sync` are those that were escalated. */
  served: z.array(z.enum(LANES)).default([]),
  /** Type of the error; a value that ends in `*` is a prefix. */
  error: Many,
  endpoint: z.array(z.enum(ENDPOINTS)).default([]),
  /**
   * An id of any kind, or the start of a model, key, rule, error type or tag (`name=value` or its value). An id that names one request finds it whatever
   * range and endpoint say.
   */
  q: z.string().max(200).default(''),
  /**
   * By cost or latency: the highest `limit` of the newest 100,000 that the filters let through, on one page. What is not
   * over yet has neither and is not among them.
   */
  order: z.enum(REQUEST_ORDERS).default('newest'),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type RequestsQuery = z.infer<typeof RequestsQuery>;

/** `GET /api/requests/export`: the list without its pages. */
export const ExportQuery = RequestsQuery.omit({ cursor: true, limit: true });

export const RequestRow = z.object({
  id: z.string(),
  arrivedAt: Instant,
  endpoint: z.enum(ENDPOINTS),
  model: z.string().nullable(),
  key: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  client: z.enum(CLIENTS),
  agent: z.enum(AGENTS),
  sessionId: z.string().nullable(),
  lane: z.enum(LANES),
  servedBy: z.enum(LANES).nullable(),
  rule: z.string(),
  because: z.string(),
  policyVersion: z.number().int(),
  state: z.enum(REQUEST_STATES),
  httpStatus: z.number().int().nullable(),
  errorType: z.string().nullable(),
  stream: z.boolean(),
  /** Upstream's usage object, untouched; `null` when nothing was billed. */
  usage: z.record(z.string(), z.unknown()).nullable(),
  /** `null`: unpriced model, or not over yet. */
  costUsd: Usd.nullable(),
  syncCostUsd: Usd.nullable(),
  wasteUsd: Usd.nullable(),
  ttfbMs: z.number().nullable(),
  latencyMs: z.number().nullable(),
  deadlineAt: Instant.nullable(),
  batchId: z.string().nullable(),
  upstreamRequestId: z.string().nullable(),
  simulated: z.boolean(),
});
export type RequestRow = z.infer<typeof RequestRow>;

export const RequestsAnswer = z.object({ rows: z.array(RequestRow), nextCursor: z.string().nullable() });
export type RequestsAnswer = z.infer<typeof RequestsAnswer>;

export const Attempt = z.object({
  key: z.string(),
  lane: z.enum(LANES),
  startedAt: Instant,
  endedAt: Instant,
  httpStatus: z.number().int().nullable(),
  errorType: z.string().nullable(),
  messageId: z.string().nullable(),
  upstreamRequestId: z.string().nullable(),
  model: z.string().nullable(),
  usage: z.record(z.string(), z.unknown()).nullable(),
  estimated: z.boolean(),
  costUsd: Usd.nullable(),
  delivered: z.boolean(),
});
export type Attempt = z.infer<typeof Attempt>;

/** `GET /api/requests/{id}`. */
export const RequestDetail = z.object({
  request: RequestRow,
  facts: z.object({
    toleranceMs: z.number().nullable(),
    inputTokens: z.number().int().nullable(),
    maxTokens: z.number().int().nullable(),
    hasTools: z.boolean(),
    hasThinking: z.boolean(),
    /** Its sync cost counts the prompt tokens that the sync lane had warm at its arrival at the read price. */
    warmPrefix: z.boolean(),
    agentId: z.string().nullable(),
    parentAgentId: z.string().nullable(),
  }),
  /** What else its decision saw; `null`: nothing was decided, or before decisions were stored. */
  decided: z
    .object({
      optedOut: z.boolean(),
      /** Why the batch API could not take it; `null`: it could. */
      ineligible: z.string().nullable(),
      laneDown: z.boolean(),
      /** Of its prompt up to the last `cache_control`; `null`: none is marked. */
      prefix: z.object({ tokens: z.number(), warm: z.boolean() }).nullable(),
      /** Those that the policy of then names. */
      headers: z.record(z.string(), z.string().nullable()),
      batchBacklog: z.number().int(),
      syncP95Ms: z.number().nullable(),
      spendTodayUsd: z.number().nullable(),
      syncNeedMs: z.number(),
      expectedOutputTokens: z.number(),
      /** ms for which the client listens; `null`: as long as there are signs of life. */
      patienceMs: z.number().nullable(),
      /** Its model's batches as they had been measured; `null`: they had not. */
      turnaround: z
        .object({
          p50: z.number().nullable(),
          p90: z.number().nullable(),
          p95: z.number().nullable(),
          samples: z.number().int(),
        })
        .nullable(),
    })
    .nullable(),
  /** What an `auto` rule was judged by. */
  prediction: Prediction.nullable(),
  attempts: z.array(Attempt),
  /** Its place in the batch lane, while it has one; rows go some minutes after the request is over. */
  item: z
    .object({
      state: z.enum(ITEM_STATES),
      outcome: z.enum(ITEM_OUTCOMES).nullable(),
      windowEndsAt: Instant,
      answerBy: Instant,
      /** When its synchronous answer begins; `null`: never. */
      escalateAt: Instant.nullable(),
      outcomeAt: Instant.nullable(),
    })
    .nullable(),
  /** The batch that it is or was in. */
  batch: z
    .object({
      id: z.string(),
      msgbatchId: z.string().nullable(),
      state: z.enum(BATCH_STATES),
      createdAt: Instant,
      postedAt: Instant.nullable(),
      upstreamCreatedAt: Instant.nullable(),
      endedAt: Instant.nullable(),
      seenEndedAt: Instant.nullable(),
      closedAt: Instant.nullable(),
    })
    .nullable(),
  /** Stored only with `OFFPEAK_LOG_BODIES=on`, for a limited time. */
  bodies: z
    .object({ request: z.string().nullable(), response: z.string().nullable(), truncated: z.boolean() })
    .nullable(),
});
export type RequestDetail = z.infer<typeof RequestDetail>;
