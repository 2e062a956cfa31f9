import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { BatchItem, BatchRecord } from './batch-record';
import type { JournalLine } from './journal';
import type { LedgerEntry, LedgerTotals } from './ledger';

/** What a state file says. */
export interface JournalState {
  readonly bornAtMs: number | null;
  readonly offsetMs: number;
  readonly totals: LedgerTotals | null;
  /** Entries that `totals` holds, and those since. */
  readonly kept: readonly LedgerEntry[];
  readonly entries: readonly LedgerEntry[];
  readonly batches: readonly BatchRecord[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads a state file; a missing one is an empty state, and a torn last line never happened. */
export async function readJournal(path: string): Promise<JournalState> {
  const state: Writable<JournalState> = {
    bornAtMs: null,
    offsetMs: 0,
    totals: null,
    kept: [],
    entries: [],
    batches: [],
  };
  if (!existsSync(path)) return state;
  const reader = new JournalReader();
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    const line = parse(text);
    if (line === null) break;
    switch (line.line) {
      case 'born':
        state.bornAtMs = line.atMs;
        break;
      case 'clock':
        state.offsetMs = line.offsetMs;
        break;
      case 'totals':
        state.totals = line.totals;
        break;
      default:
        reader.read(line);
    }
  }
  state.kept = reader.kept;
  state.batches = [...reader.sealed.values()];
  // A kill during booking leaves entries of a batch that will be booked again.
  state.entries = reader.entries.filter((entry) => reader.sealed.get(entry.batchId ?? '')?.booked !== false);
  return state;
}

function parse(text: string): JournalLine | null {
  try {
    return JSON.parse(text) as JournalLine;
  } catch {
    return null;
  }
}

class JournalReader {
  readonly kept: LedgerEntry[] = [];
  readonly entries: LedgerEntry[] = [];
  readonly sealed = new Map<string, BatchRecord>();
  readonly #open = new Map<string, BatchRecord & { items: BatchItem[] }>();

  read(line: JournalLine): void {
    if (line.line === 'kept') this.kept.push(line.entry);
    else if (line.line === 'entry') this.entries.push(line.entry);
    else if (line.line === 'batch') this.#open.set(line.batch.id, { ...line.batch, items: [] });
    else if ('id' in line) this.#readBatchLine(line);
  }

  #readBatchLine(line: Extract<JournalLine, { id: string }>): void {
    const batch = this.sealed.get(line.id);
    switch (line.line) {
      case 'items':
        this.#open.get(line.id)?.items.push(...line.items);
        return;
      case 'sealed': {
        const whole = this.#open.get(line.id);
        this.#open.delete(line.id);
        if (whole !== undefined) this.sealed.set(line.id, whole);
        return;
      }
      case 'deleted':
        this.sealed.delete(line.id);
        return;
      case 'booked':
        if (batch !== undefined) batch.booked = true;
        return;
      case 'canceled':
        if (batch !== undefined)
          Object.assign(batch, { cancelInitiatedAtMs: line.atMs, cancelDoneAtMs: line.doneAtMs });
        return;
      case 'finished':
        if (batch === undefined) return;
        for (const item of batch.items) item.doneAtMs = Math.min(item.doneAtMs ?? line.atMs, line.atMs);
        batch.lastDoneAtMs = line.atMs;
    }
  }
}
