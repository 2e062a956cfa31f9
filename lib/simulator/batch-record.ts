import type { MessageUsage } from './message-usage';

/** What the API knows about one item of a batch, from the moment of creation; callers see it only at the end. */
export interface BatchItem {
  readonly customId: string;
  readonly outcome: 'succeeded' | 'errored';
  /** Virtual time at which the item is done; `null` when it never is. */
  doneAtMs: number | null;
  /** The `result` of its line in the results file, as JSON. */
  readonly result: string;
  readonly model: string;
  readonly messageId: string | null;
  readonly usage: MessageUsage | null;
}

/** A message batch as it is stored. Its status is not: it follows from the times and the clock. */
export interface BatchRecord {
  readonly id: string;
  readonly workspace: string;
  readonly organization: string;
  readonly key: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** When the last item is done, `null` for never. */
  lastDoneAtMs: number | null;
  readonly hiddenUntilMs: number;
  readonly items: readonly BatchItem[];
  /** Names the draws of this batch. */
  readonly purpose: string;
  cancelInitiatedAtMs: number | null;
  /** When a cancel takes effect on the items that are not done. */
  cancelDoneAtMs: number | null;
  /** Whether its end has been booked in the ledger. */
  booked: boolean;
  /** Final counts, kept once they are known: a poll must not walk 100,000 items. */
  endCounts: RequestCounts | null;
}

/** `request_counts` of a batch. */
interface RequestCounts {
  processing: number;
  succeeded: number;
  errored: number;
  canceled: number;
  expired: number;
}

/** How one item ended, or would if the batch ended now. */
type ItemOutcome = 'succeeded' | 'errored' | 'canceled' | 'expired';

/**
 * When the batch ends: with its last item, by expiry, or when a cancel has taken effect, whichever is first.
 *
 * ```
 * in_progress ── last item done, or 24 h ──────────────▶ ended
 *      └── cancel ──▶ canceling ── takes effect ───────▶ ended
 * ```
 */
export function endsAtMs(batch: BatchRecord): number {
  return Math.min(
    batch.lastDoneAtMs ?? Number.POSITIVE_INFINITY,
    batch.expiresAtMs,
    batch.cancelDoneAtMs ?? Number.POSITIVE_INFINITY,
  );
}

/** How an item of an ended batch came out: what was done before a cancel or the expiry stays done. */
export function outcomeOf(batch: BatchRecord, item: BatchItem): ItemOutcome {
  if (item.doneAtMs !== null && item.doneAtMs <= endsAtMs(batch)) return item.outcome;
  return batch.cancelDoneAtMs !== null && batch.cancelDoneAtMs < batch.expiresAtMs ? 'canceled' : 'expired';
}

/** `processing_status` at a moment. */
export function statusOf(batch: BatchRecord, nowMs: number): 'in_progress' | 'canceling' | 'ended' {
  if (nowMs >= endsAtMs(batch)) return 'ended';
  return batch.cancelInitiatedAtMs === null ? 'in_progress' : 'canceling';
}

/** The batch as the API shows it (Message Batches API): counters other than `processing` stay 0 until the end. */
export function presentBatch(batch: BatchRecord, nowMs: number, archiveAfterMs: number, resultsOrigin: string) {
  const status = statusOf(batch, nowMs);
  const ended = status === 'ended';
  const counts = ended ? endCounts(batch) : { ...NO_COUNTS, processing: batch.items.length };
  const archivedAtMs = batch.createdAtMs + archiveAfterMs;
  const archived = nowMs >= archivedAtMs;
  return {
    id: batch.id,
    type: 'message_batch',
    processing_status: status,
    request_counts: counts,
    created_at: timestamp(batch.createdAtMs),
    expires_at: timestamp(batch.expiresAtMs),
    ended_at: ended ? timestamp(endsAtMs(batch)) : null,
    cancel_initiated_at: batch.cancelInitiatedAtMs === null ? null : timestamp(batch.cancelInitiatedAtMs),
    archived_at: archived ? timestamp(archivedAtMs) : null,
    results_url: ended && !archived ? `${resultsOrigin}/v1/messages/batches/${batch.id}/results` : null,
  };
}

const NO_COUNTS: RequestCounts = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };

function endCounts(batch: BatchRecord): RequestCounts {
  if (batch.endCounts === null) {
    const counts = { ...NO_COUNTS };
    for (const item of batch.items) counts[outcomeOf(batch, item)] += 1;
    batch.endCounts = counts;
  }
  return batch.endCounts;
}

function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000+00:00`;
}
