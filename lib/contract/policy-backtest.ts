import { z } from 'zod';
import { LANES } from '@/lib/core/request-states';
import { Instant, Moment, Usd } from './query';

/**
 * `POST /api/policy/backtest`: what a document would have decided for the calls that were logged in a range. With
 * `accept: text/event-stream` the answer is events: `progress` {done, total}, then `result` (this answer) or `error`;
 * hanging up cancels.
 */
export const BacktestRequest = z.strictObject({
  document: z.unknown(),
  from: Moment.default('now-24h'),
  to: Moment.default('now'),
});

const Percentiles = z.object({
  p50: z.number().nullable(),
  p90: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
});

/** Money is over the requests that could be decided and are priced. `actual` is what was booked. */
const Effect = {
  requests: z.number().int(),
  moved: z.object({ toBatch: z.number().int(), toSync: z.number().int() }),
  costUsd: z.object({ actual: Usd, proposed: Usd }),
  /** actual − proposed; negative: it costs more. */
  savedUsd: Usd,
  /** Calls that the batch lane would have answered synchronously after all; an expectation. */
  escalated: z.number(),
  /** Answers after their deadline, or none: an expectation with its 95 % band. */
  missed: z.object({ count: z.number(), low: z.number(), high: z.number() }),
};

const Outcome = z.object({ lane: z.enum(LANES), rule: z.string(), because: z.string() });

export const BacktestAnswer = z.object({
  from: Instant,
  to: Instant,
  ...Effect,
  /** Not decided again because something that a condition asks for was not logged; in no other number. */
  notEvaluable: z.number().int(),
  /** Moved to batch although no batch of their model was ever measured in the range: their cost is left as it was. */
  notMeasured: z.number().int(),
  unpriced: z.number().int(),
  /** ⊂ cost: attempts that were never delivered. */
  wasteUsd: z.object({ actual: Usd, proposed: Usd }),
  /** Over all successes; `estimated` of the proposed ones were drawn from what was measured in the hour. */
  latency: z.object({ actual: Percentiles, proposed: Percentiles, estimated: z.number().int() }),
  /** By the rule that decides in the proposed document, in its order; `default`, `override` and `paused` too. */
  perRule: z.array(z.object({ rule: z.string(), ...Effect })),
  /** Some of the calls that would change their lane, the newest of each kind first. */
  sample: z.array(
    z.object({
      id: z.string(),
      arrivedAt: Instant,
      model: z.string().nullable(),
      logged: Outcome,
      proposed: Outcome,
      costUsd: z.object({ actual: Usd, proposed: Usd }).nullable(),
    }),
  ),
});
export type BacktestAnswer = z.infer<typeof BacktestAnswer>;
