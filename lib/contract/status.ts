import { z } from 'zod';
import { ROLES } from '@/lib/core/request-states';
import { Instant } from './query';

/** `GET /api/status`: what every page needs to know about the process that serves it. */
export const Status = z.object({
  version: z.string(),
  now: Instant,
  origin: z.string(),
  upstream: z.object({ origin: z.string(), simulated: z.boolean(), timeScale: z.number() }),
  passthrough: z.boolean(),
  logBodies: z.boolean(),
  /** `slow`: it answers, but not in time for this page; then `firstRequestAt` says nothing. */
  database: z.enum(['up', 'slow', 'down']),
  spool: z.object({
    /** Records that wait to be written to Postgres. */
    pending: z.number().int(),
    bytes: z.number().int(),
    capBytes: z.number().int(),
    /** Records lost because the spool was full. Never silent: also a log line and a metric. */
    dropped: z.number().int(),
  }),
  policy: z.object({
    /** The version that this process decides by. */
    version: z.number().int(),
    /** Who sent everything to sync, and when; `null`: the policy is in force. */
    pause: z.object({ by: z.string().nullable(), at: Instant.nullable(), note: z.string().nullable() }).nullable(),
  }),
  operator: z.object({ name: z.string(), role: z.enum(ROLES) }),
  /** Arrival of the first logged request, `null` before the first call. */
  firstRequestAt: Instant.nullable(),
});
export type Status = z.infer<typeof Status>;

/** The admin API's error envelope: the Messages API's, with paths where a document was refused. */
export const ErrorAnswer = z.object({
  type: z.literal('error'),
  error: z.object({ type: z.string(), message: z.string() }),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type ErrorAnswer = z.infer<typeof ErrorAnswer>;
