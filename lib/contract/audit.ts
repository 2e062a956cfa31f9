import { z } from 'zod';
import { AUDITED } from '@/lib/core/audited';
import { Instant, Many, Moment, TimeZone } from './query';

/** `GET /api/audit`: who changed what, newest first. */
export const AuditQuery = z.strictObject({
  action: z.array(z.enum(AUDITED)).default([]),
  actor: Many,
  /** The start of what it was done to. */
  object: z.string().max(200).default(''),
  /** All of the log unless told otherwise: it is never long. */
  from: Moment.optional(),
  to: Moment.default('now'),
  tz: TimeZone,
  cursor: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const AuditEntry = z.object({
  id: z.string(),
  at: Instant,
  /** Name of the operator. */
  actor: z.string(),
  action: z.enum(AUDITED),
  /** What it was done to, as operators know it. */
  object: z.string(),
  /** `null`: it was not there before, or is not any more. Never a secret. */
  before: z.unknown(),
  after: z.unknown(),
  note: z.string().nullable(),
  /** Of the caller; `null`: not known. */
  address: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditAnswer = z.object({
  entries: z.array(AuditEntry),
  nextCursor: z.string().nullable(),
  /** Everyone who ever changed something, deleted operators too. */
  actors: z.array(z.string()),
  /** Of the first page: how many entries each value of a filter would leave, beside the other filters. */
  facets: z
    .object({
      actor: z.array(z.object({ value: z.string(), entries: z.number().int() })),
      action: z.array(z.object({ value: z.enum(AUDITED), entries: z.number().int() })),
    })
    .nullable(),
});
export type AuditAnswer = z.infer<typeof AuditAnswer>;
