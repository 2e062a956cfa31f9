import { appendFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Uuid } from '@/lib/core/ids';
import { interrupted, type OpenedRecord } from '@/lib/core/request-record';
import type { LoggedRequest } from '@/lib/store/log-row';
import { SegmentReader } from './segment-reader';
import { listSegments, type SpoolWriter, segmentPath } from './spool-writer';

export interface ShipperOptions {
  writer: SpoolWriter;
  /** Idempotent; all or nothing. */
  write(batch: readonly LoggedRequest[]): Promise<void>;
  /** Called before a retry: what `write` remembers of the database may be stale. */
  forget(): void;
  onError(error: unknown): void;
  /** A record that Postgres will never take was moved to `rejected.jsonl`. */
  onRejected(error: unknown): void;
  /** ms to wait for more records before a batch is written. */
  lingerMs?: number;
  mostPerBatch?: number;
  /** Callers are being answered by the hundred: what the log takes of the process's time would make them wait. */
  isBusy?(): boolean;
}

/** However busy the process is, the log is behind by no more than this. */
const MOST_YIELD_MS = 5_000;
const YIELD_MS = 50;

interface Segment {
  reader: SegmentReader;
  /** Lines whose request is not in Postgres yet: while there are any, the segment must stay. */
  unsettled: number;
  complete: boolean;
}

/** A finished request and the segment that its `closed` line lies in. */
interface Finished extends LoggedRequest {
  closedIn: number;
}

/**
 * Carries the spool into Postgres, in the background and in order:
 *
 *   segment lines ─► pair opened with closed ─► batch ─► insert ─► settle ─► delete segments with nothing unsettled
 *
 * While Postgres is away the batch under way is retried and nothing more is read: memory stays flat, the disk grows.
 */
export class SpoolShipper {
  readonly #open = new Map<Uuid, { record: OpenedRecord; segment: number }>();
  readonly #segments = new Map<number, Segment>();
  #reading: number;
  #closing = false;
  #dirty = false;
  #wake: (() => void) | null = null;
  #loop: Promise<void> = Promise.resolve();
  #failing = false;

  constructor(private readonly options: ShipperOptions) {
    const first = listSegments(options.writer.folder)[0];
    this.#reading = first?.number ?? options.writer.current;
  }

  /** Requests that are open or not yet in Postgres. */
  get pending(): number {
    return this.#open.size;
  }

  /** The last write failed: Postgres is away. */
  get failing(): boolean {
    return this.#failing;
  }

  /** Requests under way in this process, as their `opened` records. */
  openRecords(): OpenedRecord[] {
    return [...this.#open.values()].map(({ record }) => record);
  }

  /** Starts shipping. Requests that an earlier process left open become `interrupted`. */
  start(): void {
    this.options.writer.onAppend = () => {
      this.#dirty = true;
      this.#wake?.();
    };
    this.#loop = this.#run();
  }

  /** Ships what is there, for at most `timeoutMs`; the rest stays on disk for the next start. */
  async stop(timeoutMs = 3_000): Promise<void> {
    this.#closing = true;
    this.#wake?.();
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs).unref());
    await Promise.race([this.#loop, timeout]);
    for (const { reader } of this.#segments.values()) await reader.close();
  }

  async #run(): Promise<void> {
    const ownSegment = this.options.writer.current;
    let recovered = false;
    for (;;) {
      await this.#yield();
      const batch = await this.#readBatch();
      if (batch.length > 0) await this.#ship(batch);
      if (!recovered && this.#reading >= ownSegment) {
        recovered = true;
        this.#closeLeftovers(ownSegment);
      }
      if (batch.length > 0) continue;
      if (this.#closing) return;
      await this.#sleepUntilAppend();
    }
  }

  // Everything opened before our own first segment belongs to a process that is gone.
  #closeLeftovers(ownSegment: number): void {
    for (const [id, { segment }] of this.#open) {
      if (segment < ownSegment) this.options.writer.closed(interrupted(id));
    }
  }

  async #readBatch(): Promise<Finished[]> {
    const batch: Finished[] = [];
    const most = this.options.mostPerBatch ?? 1_000;
    this.#dirty = false;
    while (batch.length < most) {
      const number = this.#reading;
      const segment = this.#segment(number);
      const isComplete = number < this.options.writer.current;
      const records = await segment.reader.read();
      for (const record of records) {
        if ('opened' in record) {
          // A call that changed its lane is opened again: only the newer line counts.
          const before = this.#open.get(record.opened.id);
          if (before) this.#segment(before.segment).unsettled--;
          this.#open.set(record.opened.id, { record: record.opened, segment: number });
          segment.unsettled++;
        } else {
          const open = this.#open.get(record.closed.id);
          if (!open) continue;
          batch.push({ opened: open.record, closed: record.closed, closedIn: number });
          segment.unsettled++;
        }
      }
      if (records.length > 0) continue;
      if (!isComplete) break;
      segment.complete = true;
      await segment.reader.close();
      await this.#release(number);
      this.#reading++;
    }
    return batch;
  }

  async #ship(batch: Finished[]): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await this.options.write(batch);
        this.#failing = false;
        break;
      } catch (error) {
        if (isDataFault(error)) {
          await this.#shipOneByOne(batch);
          break;
        }
        this.#failing = true;
        this.options.onError(error);
        this.options.forget();
        if (this.#closing) return;
        await this.#pause(Math.min(2_000, 100 * 2 ** tries));
      }
    }
    await this.#settle(batch);
  }

  // One record that Postgres refuses must not hold the others back for ever.
  async #shipOneByOne(batch: Finished[]): Promise<void> {
    for (const one of batch) {
      try {
        await this.options.write([one]);
      } catch (error) {
        if (!isDataFault(error)) throw error;
        await appendFile(join(this.options.writer.folder, 'rejected.jsonl'), `${JSON.stringify(one)}\n`, {
          mode: 0o600,
        });
        this.options.onRejected(error);
      }
    }
  }

  async #settle(batch: readonly Finished[]): Promise<void> {
    const touched = new Set<number>();
    const settleLine = (segment: number) => {
      this.#segment(segment).unsettled--;
      touched.add(segment);
    };
    for (const { opened, closedIn } of batch) {
      const open = this.#open.get(opened.id);
      this.#open.delete(opened.id);
      if (open) settleLine(open.segment);
      settleLine(closedIn);
    }
    for (const number of touched) await this.#release(number);
  }

  // In any order: an old segment that one long call keeps does not hold back the younger ones. Should the process die
  // then, that call's neighbours look interrupted at the next start, and their insert finds the true row in place.
  async #release(number: number): Promise<void> {
    const segment = this.#segments.get(number);
    if (!segment?.complete || segment.unsettled > 0) return;
    const path = segmentPath(this.options.writer.folder, number);
    const { size } = await stat(path);
    await unlink(path);
    this.#segments.delete(number);
    this.options.writer.released(size);
  }

  #segment(number: number): Segment {
    let segment = this.#segments.get(number);
    if (!segment) {
      segment = {
        reader: new SegmentReader(segmentPath(this.options.writer.folder, number)),
        unsettled: 0,
        complete: false,
      };
      this.#segments.set(number, segment);
    }
    return segment;
  }

  async #yield(): Promise<void> {
    const { isBusy } = this.options;
    for (let waited = 0; isBusy?.() && !this.#closing && waited < MOST_YIELD_MS; waited += YIELD_MS) {
      await this.#pause(YIELD_MS);
    }
  }

  async #sleepUntilAppend(): Promise<void> {
    // An append between the last read and here has no one to wake.
    if (!this.#dirty) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    if (!this.#closing) await this.#pause(this.options.lingerMs ?? 100);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}

/**
 * SQLSTATE classes 22 (data) and 23 (constraint): the same rows would fail again. But for a partition that retention
 * dropped under us, which is a 23514 without a constraint: a retry makes it anew.
 */
function isDataFault(error: unknown): boolean {
  const { code, constraint_name: constraint } = error as { code?: unknown; constraint_name?: unknown };
  if (code === '23514' && constraint === undefined) return false;
  return typeof code === 'string' && code.length === 5 && /^2[23]/.test(code);
}
