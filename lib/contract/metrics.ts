import { z } from 'zod';
import { COST_GROUPS } from '@/lib/core/cost-groups';
import { LANES } from '@/lib/core/request-states';
import { BUCKETS } from '@/lib/core/time-range';
import { Instant, Many, Narrowed, Range, Usd } from './query';

/** `GET /api/metrics/summary`: sums over the requests that arrived in the range. */
export const SummaryQuery = Narrowed;
const Sums = { requests: z.number().int(), costUsd: Usd };
export const Summary = z.object({
  from: Instant,
  to: Instant,
  ...Sums,
  /** Ended failed, refused or interrupted; `aborted` is the caller's doing. */
  errors: z.number().int(),
  syncCostUsd: Usd,
  savedUsd: Usd,
  wasteUsd: Usd,
  /** Requests with usage of a model that no price row knows; they are in none of the sums of money. */
  unpriced: z.number().int(),
  /** Of the batch lane: calls with a deadline that their caller did not give up, and those that succeeded by it. */
  deadlines: z.number().int(),
  inTime: z.number().int(),
  byLane: z.array(z.object({ lane: z.enum(LANES), ...Sums, syncCostUsd: Usd, savedUsd: Usd, wasteUsd: Usd })),
  byModel: z.array(
    z.object({
      model: z.string(),
      ...Sums,
      errors: z.number().int(),
      syncCostUsd: Usd,
      savedUsd: Usd,
      wasteUsd: Usd,
      unpriced: z.number().int(),
      /** Nearest rank over successes; `null` below n = 5 (p50) and 20 (p95). Not told apart by key: with one n is 0. */
      n: z.number().int(),
      p50: z.number().nullable(),
      p95: z.number().nullable(),
    }),
  ),
});
export type Summary = z.infer<typeof Summary>;

const GroupBy = z
  .string()
  .max(60)
  .refine((by) => (COST_GROUPS as readonly string[]).includes(by) || /^tag\.[a-z0-9][a-z0-9_.-]{0,39}$/.test(by), {
    message: `must be one of ${COST_GROUPS.join(', ')} or tag.<name>`,
  });

/**
 * `GET /api/metrics/cost`. Every bucket of the range is present; a series without cost in it is absent there. What has
 * no model, key or tag is the series `(none)`; beyond the costliest hundred all are the series `(other)`. By tag and
 * narrowed, at most two days are read.
 */
export const CostQuery = Narrowed.extend({ bucket: z.enum(BUCKETS).optional(), groupBy: GroupBy.default('model') });
export const CostAnswer = z.object({
  bucket: z.enum(BUCKETS),
  buckets: z.array(z.object({ at: Instant, series: z.record(z.string(), Usd) })),
});
export type CostAnswer = z.infer<typeof CostAnswer>;

export const MEASURES = ['latency', 'turnaround', 'queue', 'ttft'] as const;
/** `GET /api/metrics/latency`: one row per model, lane and measure. */
export const LatencyQuery = Range.extend({ model: Many, lane: z.array(z.enum(LANES)).default([]) });
const percentile = z.number().nullable();
export const LatencyAnswer = z.object({
  rows: z.array(
    z.object({
      model: z.string(),
      lane: z.enum(LANES),
      measure: z.enum(MEASURES),
      n: z.number().int(),
      pending: z.number().int(),
      p50: percentile,
      p90: percentile,
      p95: percentile,
      p99: percentile,
      /** `[ms, p, low, high]`: share done within ms, with its 95 % band. */
      cdf: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
    }),
  ),
});
export type LatencyAnswer = z.infer<typeof LatencyAnswer>;

/** `GET /api/metrics/latency-series`: percentiles of each bucket by arrival; a bucket without data is a gap. */
export const LatencySeriesQuery = LatencyQuery.extend({ bucket: z.enum(BUCKETS).optional() });
export const LatencySeriesAnswer = z.object({
  bucket: z.enum(BUCKETS),
  buckets: z.array(
    z.object({
      at: Instant,
      series: z.record(
        z.string(),
        z.object({ n: z.number().int(), p50: percentile, p90: percentile, p95: percentile, p99: percentile }),
      ),
    }),
  ),
});
export type LatencySeriesAnswer = z.infer<typeof LatencySeriesAnswer>;

const Volume = z.object({ at: Instant, requests: z.number().int(), errors: z.number().int() });

/** Requests and errors of each bucket. */
export const VolumeAnswer = z.object({ bucket: z.enum(BUCKETS), buckets: z.array(Volume) });
export type VolumeAnswer = z.infer<typeof VolumeAnswer>;

/** `GET /api/metrics/requests-series`: the same, with those of the batch lane and how it kept its deadlines. */
export const VolumeQuery = Narrowed.extend({ bucket: z.enum(BUCKETS).optional() });
export const LaneVolumeAnswer = z.object({
  bucket: z.enum(BUCKETS),
  buckets: z.array(Volume.extend({ batched: z.number().int(), deadlines: z.number().int(), inTime: z.number().int() })),
});
export type LaneVolumeAnswer = z.infer<typeof LaneVolumeAnswer>;
