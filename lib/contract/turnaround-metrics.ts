import { z } from 'zod';
import { BUCKETS } from '@/lib/core/time-range';
import { Instant, Many, Range, Usd } from './query';

const ms = z.number().nullable();
const count = z.number().int();

/**
 * Turnaround of the batches of one model in one cut: `n` ended by themselves, `pending` still run. Kaplan and Meier, so
 * what runs counts; a percentile is `null` below n = 5 (p50), 10 (p90), 20 (p95), 100 (p99), or where what runs hides it.
 */
const Measured = z.object({ n: count, pending: count, p50: ms, p90: ms, p95: ms, p99: ms });
export type Measured = z.infer<typeof Measured>;
const series = z.record(z.string(), Measured);

/** `GET /api/metrics/turnaround-series`: by when upstream created the batch; a model without a batch in it is absent. */
export const TurnaroundSeriesQuery = Range.extend({ bucket: z.enum(BUCKETS).optional(), model: Many });
export const TurnaroundSeriesAnswer = z.object({
  bucket: z.enum(BUCKETS),
  buckets: z.array(z.object({ at: Instant, series })),
});
export type TurnaroundSeriesAnswer = z.infer<typeof TurnaroundSeriesAnswer>;

/** `GET /api/metrics/turnaround-hours`: all 24 hours of the day in the zone `tz`. */
export const TurnaroundHoursQuery = Range.extend({ model: Many });
export const TurnaroundHoursAnswer = z.object({ hours: z.array(z.object({ hour: count, series })) });
export type TurnaroundHoursAnswer = z.infer<typeof TurnaroundHoursAnswer>;

/** `GET /api/metrics/turnaround-sizes`: by number of items, `from` to `to` inclusive. */
export const TurnaroundSizesQuery = Range.extend({ model: Many });
export const TurnaroundSizesAnswer = z.object({
  sizes: z.array(z.object({ from: count, to: count.nullable(), series })),
});
export type TurnaroundSizesAnswer = z.infer<typeof TurnaroundSizesAnswer>;

/** `GET /api/metrics/waiting-value`: what a minute of waiting buys, per model. */
export const WaitingValueQuery = Range.extend({ model: Many });
export const WaitingValueAnswer = z.object({
  rows: z.array(
    z.object({
      model: z.string(),
      /** List price now, per million tokens; `null`: unpriced. */
      price: z.object({ inputUsd: Usd, outputUsd: Usd }).nullable(),
      /** Requests that the policy sent to batch and that have a price, and how many of them sync answered in the end. */
      batched: count,
      escalated: count,
      /** Of those: sync cost − cost, waste subtracted; may be negative. */
      savedUsd: Usd,
      savedPerRequestUsd: Usd.nullable(),
      /** Latency of successes, as callers saw it, by the lane that the policy chose. */
      sync: z.object({ n: count, p50: ms }),
      batch: z.object({ n: count, p50: ms }),
      /** Median of batch − median of sync; `null` where one of them was not measured. */
      extraMs: ms,
      /** Saved per request ÷ extra minutes; `null` where nothing was measured or nobody waited longer. */
      savedPerMinuteUsd: Usd.nullable(),
      /** Upstream’s own time: `low` and `high` are the 95 % interval of the median, `null` where it is open. */
      turnaround: z.object({
        n: count,
        pending: count,
        p50: ms,
        low: ms,
        high: ms,
        newestEndedAt: Instant.nullable(),
        oldestPendingAt: Instant.nullable(),
      }),
    }),
  ),
});
export type WaitingValueAnswer = z.infer<typeof WaitingValueAnswer>;
export type WaitingValue = WaitingValueAnswer['rows'][number];

/**
 * `GET /api/metrics/calibration`: of calls that `auto` sent to batch, the predicted probability that the batch ends in
 * the time it had, and how many did; of the newest 50,000 of them. A call whose batch has not told yet is `open`.
 */
const Kept = {
  /** Calls with a known outcome, in so many batches. */
  calls: count,
  batches: count,
  /** Mean prediction, and share in time with its 95 % band; calls of one batch share their fate, so its n is batches. */
  predicted: z.number(),
  inTime: z.number(),
  low: z.number(),
  high: z.number(),
};
export const CalibrationQuery = Range.extend({ model: Many });
export const CalibrationAnswer = z.object({
  models: z.array(
    z.object({
      model: z.string(),
      open: count,
      /** `null` without any known outcome. `brier` is the mean of (prediction − outcome)²: 0 is perfect. */
      all: z.object({ ...Kept, brier: z.number() }).nullable(),
      bins: z.array(z.object({ from: z.number(), to: z.number(), ...Kept })),
    }),
  ),
});
export type CalibrationAnswer = z.infer<typeof CalibrationAnswer>;
