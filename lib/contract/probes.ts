import { z } from 'zod';
import { parseDuration } from '@/lib/core/duration';
import { PICO_PER_USD, parseUsd } from '@/lib/core/money';
import { PROBE_STATES } from '@/lib/core/probing';
import { REQUEST_STATES } from '@/lib/core/request-states';
import { Instant, Usd } from './query';

const LEAST_INTERVAL_MS = 60_000;
const MOST_MODELS = 50;
const MOST_CAP = 10_000n * PICO_PER_USD;

const Interval = z
  .string()
  .refine((text) => (parseDuration(text) ?? 0) >= LEAST_INTERVAL_MS, 'must be a duration from 1m to 24h, such as 30m');

/** `PUT /api/probes`: replaces the settings as a whole. */
export const ProbesRequest = z.strictObject({
  enabled: z.boolean(),
  /** Of one model, no two probes and no probe after a batch within this. */
  interval: Interval,
  models: z
    .array(
      z
        .string()
        .trim()
        .min(1)
        .max(120)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are refused
        .regex(/^[^\x00-\x1f\x7f]*$/, 'must not hold control characters'),
    )
    .max(MOST_MODELS)
    .refine((models) => new Set(models).size === models.length, 'must name each model once'),
  /** What the probes of one UTC day may cost together. */
  dailyCapUsd: z
    .string()
    .refine((text) => (parseUsd(text) ?? -1n) >= 0n, 'must be a plain decimal amount of USD')
    .refine((text) => (parseUsd(text) ?? 0n) <= MOST_CAP, 'must be at most 10,000 USD'),
});
export type ProbesRequest = z.infer<typeof ProbesRequest>;

const LastProbe = z.object({
  at: Instant,
  /** The request that went in a batch of its own. */
  requestId: z.string(),
  state: z.enum(REQUEST_STATES),
  /** Upstream's own two times; `null`: not known yet. */
  turnaroundMs: z.number().nullable(),
  /** The same request by sync. */
  syncRequestId: z.string(),
  syncState: z.enum(REQUEST_STATES),
  syncLatencyMs: z.number().nullable(),
});

/** `GET /api/probes`. */
export const ProbesAnswer = z.object({
  enabled: z.boolean(),
  interval: z.string(),
  models: z.array(z.string()),
  dailyCapUsd: Usd,
  /** Who set it; `null`: nobody yet. */
  author: z.string().nullable(),
  updatedAt: Instant.nullable(),
  /** Of this UTC day: booked, and the worst of what is under way. */
  spentTodayUsd: Usd,
  heldTodayUsd: Usd,
  probes: z.array(
    z.object({
      model: z.string(),
      /** Why it is not probed now; `due`: it is, within seconds. */
      state: z.enum(PROBE_STATES),
      /** What one probe costs at most, both requests; `null`: unpriced. */
      worstCostUsd: Usd.nullable(),
      /** When its newest batch was made, a probe's or not. */
      lastBatchAt: Instant.nullable(),
      last: LastProbe.nullable(),
    }),
  ),
});
export type ProbesAnswer = z.infer<typeof ProbesAnswer>;
