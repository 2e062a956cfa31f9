import { billPicoUsd } from './bill';
import type { MessageUsage } from './message-usage';

/** One attempt at a message, billed or not. Picodollars are a decimal string, since JSON has no big integers. */
export interface LedgerEntry {
  readonly kind: 'sync' | 'batch';
  /** Virtual time of billing, ms since 1970. */
  readonly at: number;
  /** Fingerprint of the credential. */
  readonly key: string;
  readonly workspace: string;
  readonly organization: string;
  readonly model: string;
  readonly messageId: string | null;
  readonly requestId: string | null;
  readonly batchId: string | null;
  readonly customId: string | null;
  readonly usage: MessageUsage | null;
  readonly tier: 'standard' | 'batch';
  readonly billed: boolean;
  /** `null` for a billed model without a price. Unbilled attempts cost "0". */
  readonly costPicoUsd: string | null;
  /** `delivered`, `aborted` (the caller left), `broken` (a scripted fault), or an error or batch outcome. */
  readonly outcome: string;
}

/** Sums over all entries since the start, also over those that the bounded list has dropped. */
export interface LedgerTotals {
  readonly billed: number;
  readonly unbilled: number;
  readonly costPicoUsd: string;
  readonly syncPicoUsd: string;
  readonly batchPicoUsd: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly dropped: number;
}

/** The bill: every attempt in order of booking, and its totals. */
export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  readonly totals: LedgerTotals;
}

type Booking = Omit<LedgerEntry, 'billed' | 'costPicoUsd' | 'tier'>;

/** Books attempts with the simulator's own arithmetic. Keeps the newest `capacity` entries. */
export class LedgerBook {
  #entries: LedgerEntry[] = [];
  #dropped = 0;
  #billed = 0;
  #unbilled = 0;
  #picoUsd = { sync: 0n, batch: 0n };
  #tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  readonly #capacity: number;
  readonly #onBook: (entry: LedgerEntry) => void;

  constructor(capacity: number, onBook: (entry: LedgerEntry) => void = () => undefined) {
    this.#capacity = capacity;
    this.#onBook = onBook;
  }

  /** Books what was used, at list price of the moment. */
  bill(booking: Booking & { readonly usage: MessageUsage }): void {
    const cost = billPicoUsd(booking.model, booking.usage, booking.at);
    const tier = booking.usage.service_tier;
    const entry = { ...booking, tier, billed: true, costPicoUsd: cost === null ? null : String(cost) };
    this.#add(entry, cost ?? 0n);
    this.#onBook(entry);
  }

  /** Notes an attempt that costs nothing. */
  note(booking: Booking): void {
    const tier = booking.kind === 'batch' ? 'batch' : 'standard';
    const entry = { ...booking, tier, billed: false, costPicoUsd: '0' } as const;
    this.#add(entry, 0n);
    this.#onBook(entry);
  }

  /** Takes an entry back from the journal. */
  restore(entry: LedgerEntry): void {
    this.#add(entry, BigInt(entry.costPicoUsd ?? 0));
  }

  #add(entry: LedgerEntry, picoUsd: bigint): void {
    this.#entries.push(entry);
    // Dropped in large steps, since removing from the front costs the whole list.
    if (this.#entries.length > this.#capacity * 1.25) {
      const surplus = this.#entries.length - this.#capacity;
      this.#entries = this.#entries.slice(surplus);
      this.#dropped += surplus;
    }
    if (!entry.billed) {
      this.#unbilled += 1;
      return;
    }
    this.#billed += 1;
    this.#picoUsd[entry.kind] += picoUsd;
    if (entry.usage === null) return;
    this.#tokens.input += entry.usage.input_tokens;
    this.#tokens.output += entry.usage.output_tokens;
    this.#tokens.cacheRead += entry.usage.cache_read_input_tokens;
    this.#tokens.cacheWrite += entry.usage.cache_creation_input_tokens;
  }

  /** Takes back the totals of a compacted journal, whose entries then only come through {@link LedgerBook.keep}. */
  restoreTotals(totals: LedgerTotals): void {
    this.#billed = totals.billed;
    this.#unbilled = totals.unbilled;
    this.#picoUsd = { sync: BigInt(totals.syncPicoUsd), batch: BigInt(totals.batchPicoUsd) };
    this.#tokens = {
      input: totals.inputTokens,
      output: totals.outputTokens,
      cacheRead: totals.cacheReadTokens,
      cacheWrite: totals.cacheWriteTokens,
    };
    this.#dropped = totals.dropped;
  }

  /** Lists an entry that the totals already hold. */
  keep(entry: LedgerEntry): void {
    this.#entries.push(entry);
  }

  read(): Ledger {
    return {
      entries: this.#entries.slice(),
      totals: {
        billed: this.#billed,
        unbilled: this.#unbilled,
        costPicoUsd: String(this.#picoUsd.sync + this.#picoUsd.batch),
        syncPicoUsd: String(this.#picoUsd.sync),
        batchPicoUsd: String(this.#picoUsd.batch),
        inputTokens: this.#tokens.input,
        outputTokens: this.#tokens.output,
        cacheReadTokens: this.#tokens.cacheRead,
        cacheWriteTokens: this.#tokens.cacheWrite,
        dropped: this.#dropped,
      },
    };
  }

  clear(): void {
    this.#entries = [];
    this.#dropped = 0;
    this.#billed = 0;
    this.#unbilled = 0;
    this.#picoUsd = { sync: 0n, batch: 0n };
    this.#tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  }
}
