import { z } from 'zod';
import type { ConditionTrace } from '@/lib/core/policy/explain';
import { LANES } from '@/lib/core/request-states';
import { Prediction } from './prediction';
import { Instant, Usd } from './query';

const MOST_HEADERS = 100;

/**
 * `POST /api/policy/explain`: what would become of a call now, or of a logged one with what was known when it arrived.
 * Either `body` (the call's JSON) or `requestId`; `document` is a draft, without it the policy in force decides.
 */
export const ExplainRequest = z.strictObject({
  headers: z
    .record(z.string().min(1).max(100), z.string().max(8_192))
    .refine((headers) => Object.keys(headers).length <= MOST_HEADERS, `must be at most ${MOST_HEADERS} headers`)
    .default({}),
  body: z.unknown().optional(),
  requestId: z.string().max(60).optional(),
  /** As `x-offpeak-tolerance`; it goes before a header of that name. */
  tolerance: z.string().max(20).optional(),
  /** As `x-offpeak-tags`. */
  tags: z.record(z.string(), z.string()).optional(),
  /** Name of the key that makes the call: its default tolerance, tags and rights apply. */
  key: z.string().max(100).optional(),
  /** When it arrives; `now` unless told otherwise. Measurements are always today's. */
  at: Instant.optional(),
  document: z.unknown().optional(),
});
export type ExplainRequest = z.infer<typeof ExplainRequest>;

const Trace = z.unknown().meta({
  type: 'object',
  description:
    'The condition in its own shape, each part with `result`; a comparison also with the `actual` value of the call',
}) as unknown as z.ZodType<ConditionTrace>;

export const ExplainAnswer = z.object({
  lane: z.enum(LANES),
  /** Id of the matched rule, or `default`, `override`, `paused`. */
  rule: z.string(),
  because: z.string(),
  /** `null`: a draft. */
  policyVersion: z.number().int().nullable(),
  /** Every rule in order, those behind the matched one too. */
  trace: z.array(
    z.object({
      rule: z.string(),
      enabled: z.boolean(),
      matched: z.boolean(),
      /** Whether the call is in the rule's share; `null`: the rule takes all. */
      rollout: z.boolean().nullable(),
      conditions: Trace,
    }),
  ),
  /** How the batch lane would treat it, durations in ms from arrival; `null`: sync lane. */
  batching: z
    .object({ deadlineMs: z.number(), escalate: z.boolean(), windowMs: z.number(), maxItems: z.number().int() })
    .nullable(),
  /** Of an `auto` rule that was asked. */
  prediction: Prediction.nullable(),
  /** Expected cost of this call in each lane, whatever was decided; `null`: unpriced, or nothing was measured. */
  costUsd: z.object({ sync: Usd.nullable(), batch: Usd.nullable() }),
  /** What was known of the call and of its model. */
  facts: z.object({
    model: z.string().nullable(),
    toleranceMs: z.number().nullable(),
    key: z.string().nullable(),
    tags: z.record(z.string(), z.string()),
    client: z.string(),
    agent: z.string(),
    stream: z.boolean(),
    inputTokens: z.number().nullable(),
    maxTokens: z.number().nullable(),
    hasTools: z.boolean(),
    hasThinking: z.boolean(),
    prefixWarm: z.boolean().nullable(),
    /** Why the batch API could not take it; `null`: it could. */
    ineligible: z.string().nullable(),
    laneDown: z.boolean(),
    batchP50: z.number().nullable(),
    batchP90: z.number().nullable(),
    batchP95: z.number().nullable(),
    batchSamples: z.number().int(),
    batchBacklog: z.number().int(),
    syncP95: z.number().nullable(),
    spendToday: z.number().nullable(),
  }),
});
export type ExplainAnswer = z.infer<typeof ExplainAnswer>;
