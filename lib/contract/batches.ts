import { z } from 'zod';
import { BATCH_STATES, ITEM_OUTCOMES, ITEM_STATES, SIZE_CLASSES } from '@/lib/core/lane-states';
import { LANES, REQUEST_STATES } from '@/lib/core/request-states';
import { BUCKETS } from '@/lib/core/time-range';
import { Instant, Many, Moment, Range, TimeZone, Usd } from './query';

/** `GET /api/batches`. The range is of their making. */
export const BatchesQuery = z.strictObject({
  from: Moment.default('now-24h'),
  to: Moment.default('now'),
  tz: TimeZone,
  state: z.array(z.enum(BATCH_STATES)).default([]),
  /** A value that ends in `*` is a prefix. */
  model: Many,
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

/** A Message Batch that the lane made. Its money is that of its own results, of requests that are over. */
export const BatchRow = z.object({
  id: z.string(),
  /** Upstream's id, once it is known. */
  msgbatchId: z.string().nullable(),
  state: z.enum(BATCH_STATES),
  model: z.string(),
  sizeClass: z.enum(SIZE_CLASSES),
  /** Name of the configured credential, or `own`: a caller's. */
  credential: z.string(),
  items: z.number().int(),
  bytes: z.number().int(),
  createdAt: Instant,
  postedAt: Instant.nullable(),
  upstreamCreatedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  seenEndedAt: Instant.nullable(),
  closedAt: Instant.nullable(),
  /** Upstream's `ended_at − created_at`. */
  turnaroundMs: z.number().nullable(),
  /** As upstream counts its requests, once it has ended. */
  counts: z.record(z.string(), z.number()).nullable(),
  cancelRequestedAt: Instant.nullable(),
  error: z.string().nullable(),
  /** Of the items that have no outcome yet. */
  earliestDeadlineAt: Instant.nullable(),
  /** Items that have no outcome yet. */
  waiting: z.number().int(),
  /** Results that their callers got. */
  delivered: z.number().int(),
  /** Items that were, or are being, answered by sync. */
  escalated: z.number().int(),
  /** Results that came after their request was over: paid for nothing. */
  late: z.number().int(),
  /** Results of a model that no price row knows; they are in none of the sums of money. */
  unpriced: z.number().int(),
  /** `null`: no result is booked yet. */
  costUsd: Usd.nullable(),
  syncCostUsd: Usd.nullable(),
  savedUsd: Usd.nullable(),
  wasteUsd: Usd.nullable(),
});
export type BatchRow = z.infer<typeof BatchRow>;

/** What waits now, whatever the range and the filters. */
const Queue = z.object({
  /** Not in a batch yet. */
  queued: z.number().int(),
  /** In a batch that is not back. */
  batched: z.number().int(),
  /** Being answered by sync. */
  escalating: z.number().int(),
  oldestAt: Instant.nullable(),
  earliestDeadlineAt: Instant.nullable(),
  models: z.array(
    z.object({
      model: z.string(),
      queued: z.number().int(),
      batched: z.number().int(),
      escalating: z.number().int(),
      oldestAt: Instant,
      earliestDeadlineAt: Instant,
    }),
  ),
  /** Queued items that may share a batch, the most pressing first; at most 100 groups. */
  groups: z.array(
    z.object({
      group: z.string(),
      model: z.string(),
      sizeClass: z.enum(SIZE_CLASSES),
      credential: z.string(),
      items: z.number().int(),
      bytes: z.number().int(),
      oldestAt: Instant,
      earliestDeadlineAt: Instant,
      /** When the group is sent, unless it is full before. */
      windowEndsAt: Instant,
    }),
  ),
});
export type Queue = z.infer<typeof Queue>;

export const BatchesAnswer = z.object({
  rows: z.array(BatchRow),
  nextCursor: z.string().nullable(),
  queue: Queue,
});
export type BatchesAnswer = z.infer<typeof BatchesAnswer>;

export const BatchItem = z.object({
  id: z.string(),
  requestId: z.string(),
  state: z.enum(ITEM_STATES),
  outcome: z.enum(ITEM_OUTCOMES).nullable(),
  /** Of its request. */
  requestState: z.enum(REQUEST_STATES),
  /** The lane that answered it, once it is logged. */
  servedBy: z.enum(LANES).nullable(),
  model: z.string().nullable(),
  arrivedAt: Instant,
  answerBy: Instant.nullable(),
  /** When its synchronous answer begins; `null`: never, or it is over. */
  escalateAt: Instant.nullable(),
  outcomeAt: Instant.nullable(),
  /** From its arrival to its outcome, or until now. */
  waitingMs: z.number().nullable(),
});
export type BatchItem = z.infer<typeof BatchItem>;

/** `GET /api/batches/{id}`, by either id. */
export const BatchDetail = z.object({
  batch: BatchRow,
  /** The first 500 by arrival. */
  items: z.array(BatchItem),
  itemCount: z.number().int(),
});
export type BatchDetail = z.infer<typeof BatchDetail>;

/** `GET /api/batches/history`: batches by when they were made. */
export const BatchHistoryQuery = Range.extend({ bucket: z.enum(BUCKETS).optional(), model: Many });

/** How many items a batch may have had to be counted here; the last one has no upper end. */
const SizeBin = z.object({
  from: z.number().int(),
  /** Inclusive. */
  to: z.number().int().nullable(),
  batches: z.number().int(),
  items: z.number().int(),
});

export const BatchHistoryAnswer = z.object({
  bucket: z.enum(BUCKETS),
  /** Every bucket of the range. `void`: batches that upstream never took. */
  buckets: z.array(
    z.object({ at: Instant, batches: z.number().int(), void: z.number().int(), items: z.number().int() }),
  ),
  sizes: z.array(SizeBin),
});
export type BatchHistoryAnswer = z.infer<typeof BatchHistoryAnswer>;
