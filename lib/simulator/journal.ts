import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import type { BatchRecord } from './batch-record';
import type { LedgerEntry, LedgerTotals } from './ledger';
import type { BatchChange } from './simulated-api';

/** One line of the state file. A batch counts only once its `sealed` line is there. */
export type JournalLine =
  | { readonly line: 'born'; readonly atMs: number }
  | { readonly line: 'clock'; readonly offsetMs: number }
  | { readonly line: 'batch'; readonly batch: Omit<BatchRecord, 'items'> }
  | { readonly line: 'items'; readonly id: string; readonly items: BatchRecord['items'] }
  | { readonly line: 'sealed'; readonly id: string }
  | { readonly line: 'canceled'; readonly id: string; readonly atMs: number; readonly doneAtMs: number }
  | { readonly line: 'finished'; readonly id: string; readonly atMs: number }
  | { readonly line: 'booked'; readonly id: string }
  | { readonly line: 'deleted'; readonly id: string }
  | { readonly line: 'entry'; readonly entry: LedgerEntry }
  | { readonly line: 'totals'; readonly totals: LedgerTotals }
  /** An entry that `totals` already holds. */
  | { readonly line: 'kept'; readonly entry: LedgerEntry };

const ITEMS_PER_LINE = 200;

/**
 * Append-only state file. Each line is handed to the kernel before the answer that depends on it leaves, so that it
 * survives a kill of the process (not of the machine: nothing is synced).
 */
export class Journal {
  readonly #path: string;
  #file: number | null;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'a', 0o600);
  }

  write(...lines: readonly JournalLine[]): void {
    // A caller that was cut off at shutdown is settled after the file has gone.
    if (this.#file === null) return;
    writeSync(this.#file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  batch(change: BatchChange, batch: BatchRecord): void {
    const { id } = batch;
    switch (change) {
      case 'created':
        this.#whole(batch);
        break;
      case 'canceled':
        this.write({
          line: 'canceled',
          id,
          atMs: batch.cancelInitiatedAtMs ?? 0,
          doneAtMs: batch.cancelDoneAtMs ?? 0,
        });
        break;
      case 'finished':
        this.write({ line: 'finished', id, atMs: batch.lastDoneAtMs ?? 0 });
        break;
      default:
        this.write({ line: change, id });
    }
  }

  /** Replaces the file by what is still needed; a kill in the middle leaves the old one. */
  compact(state: {
    bornAtMs: number;
    offsetMs: number;
    totals: LedgerTotals;
    entries: readonly LedgerEntry[];
    batches: readonly BatchRecord[];
  }): void {
    const next = new Journal(`${this.#path}.next`);
    next.write({ line: 'born', atMs: state.bornAtMs }, { line: 'clock', offsetMs: state.offsetMs });
    next.write({ line: 'totals', totals: state.totals });
    for (const entry of state.entries) next.write({ line: 'kept', entry });
    for (const batch of state.batches) next.#whole(batch);
    next.close();
    renameSync(`${this.#path}.next`, this.#path);
    this.close();
    this.#file = openSync(this.#path, 'a', 0o600);
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #whole({ items, ...batch }: BatchRecord): void {
    this.write({ line: 'batch', batch });
    for (let at = 0; at < items.length; at += ITEMS_PER_LINE) {
      this.write({ line: 'items', id: batch.id, items: items.slice(at, at + ITEMS_PER_LINE) });
    }
    this.write({ line: 'sealed', id: batch.id });
  }
}
