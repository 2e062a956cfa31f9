import type { Uuid } from '@/lib/core/ids';
import type { ItemOutcome, ItemState } from '@/lib/core/lane-states';
import type { AttemptRecord, OpenedRecord } from '@/lib/core/request-record';
import type { Batch, ItemAnswer, NewItem, Payload } from '@/lib/store/lane/lane-store';

/** A row of `items`. */
export interface MemoryItem extends Omit<NewItem, 'ownCredential' | 'payload' | 'caller'> {
  upstreamId: number;
  state: ItemState;
  outcome: ItemOutcome | null;
  notBefore: number | null;
  batchId: Uuid | null;
  customId: string | null;
  caller: string | null;
  callerEpoch: number;
  goneAt: number | null;
  handOvers: number;
  outcomeAt: number | null;
  closedAt: number | null;
  leaseOwner: string | null;
  leaseEpoch: number;
  leaseUntil: number | null;
}

/** A row of `batches`. */
export interface MemoryBatch extends Batch {
  groupKey: string;
  seenEndedAt: number | null;
  closedAt: number | null;
  cancelRequestedAt: number | null;
  collectAfter: number | null;
  error: string | null;
  leaseOwner: string | null;
  leaseUntil: number | null;
}

/** The tables that the lane writes, one statement at a time: what `MemoryLaneStore` and the log share. */
export class MemoryLaneDatabase {
  readonly items = new Map<Uuid, MemoryItem>();
  readonly bodies = new Map<Uuid, Payload>();
  readonly results = new Map<Uuid, ItemAnswer>();
  readonly batches = new Map<Uuid, MemoryBatch>();
  readonly credentials = new Map<string, [string, string][]>();
  readonly leases = new Map<string, { owner: string; leaseUntil: number }>();
  /** Money, once: by request and attempt key. */
  readonly attempts = new Map<Uuid, Map<string, AttemptRecord>>();
  /** Requests with a log row. */
  readonly logged = new Map<Uuid, Pick<OpenedRecord, 'id' | 'keyId'>>();

  /** What is booked already changes nothing. */
  book(id: Uuid, attempt: AttemptRecord): void {
    const booked = this.attempts.get(id) ?? new Map<string, AttemptRecord>();
    this.attempts.set(id, booked);
    if (!booked.has(attempt.key)) booked.set(attempt.key, { ...attempt });
  }

  /** The log row of a request is written, as `Ingest` does it. */
  log(opened: OpenedRecord, attempts: readonly AttemptRecord[], now: number): void {
    if (!this.logged.has(opened.id)) this.logged.set(opened.id, opened);
    for (const attempt of attempts) {
      this.book(opened.id, attempt);
      const booked = this.attempts.get(opened.id)?.get(attempt.key);
      if (booked && attempt.delivered) booked.delivered = true;
    }
    const item = this.items.get(opened.id);
    if (item) item.closedAt ??= now;
  }
}
