import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Uuid } from '@/lib/core/ids';
import type { ClosedRecord, OpenedRecord, SpoolRecord } from '@/lib/core/request-record';

export interface SpoolOptions {
  folder: string;
  /** Above this many bytes on disk no further request is recorded, loudly. */
  capBytes: number;
  /** A segment is closed at this size; only then can its room be given back. */
  segmentBytes?: number;
  /** Called for every record that could not be kept. */
  onDropped(reason: 'full' | 'unwritable', error?: unknown): void;
}

const SEGMENT = /^(\d{10})\.jsonl$/;

/**
 * The append-only log in front of Postgres: one JSON line per record. A line is handed to the kernel before the call
 * goes on, so a `kill -9` of the process loses none. Numbered segments; the reader deletes those that are done.
 */
export class SpoolWriter {
  readonly folder: string;
  #fd = -1;
  #number = 0;
  #segmentSize = 0;
  #bytes = 0;
  #torn = false;
  /** Requests under way whose first record was dropped. */
  readonly #unopened = new Set<Uuid>();
  readonly #segmentBytes: number;
  /** Requests of which the log will not tell, or not how they ended. */
  dropped = 0;
  /** Set by the reader: called after each append. */
  onAppend: () => void = () => undefined;

  constructor(private readonly options: SpoolOptions) {
    this.folder = options.folder;
    this.#segmentBytes = options.segmentBytes ?? Math.min(8 * 1024 * 1024, options.capBytes / 8);
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    for (const { number, size } of listSegments(this.folder)) {
      this.#number = Math.max(this.#number, number);
      this.#bytes += size;
    }
    this.#rotate();
  }

  /** Number of the segment being written: older ones are complete. */
  get current(): number {
    return this.#number;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Answers false when the record was dropped. */
  opened(record: OpenedRecord): boolean {
    if (this.#isFull()) {
      this.#unopened.add(record.id);
      return false;
    }
    const kept = this.#append({ opened: record });
    if (!kept) this.#unopened.add(record.id);
    return kept;
  }

  /** Written even above the cap: the request that it closes is already counted in. Nothing where that one was dropped. */
  closed(record: ClosedRecord): boolean {
    return this.#unopened.delete(record.id) ? false : this.#append({ closed: record });
  }

  /** Both records of a request that is over, in one write. */
  whole(opened: OpenedRecord, closed: ClosedRecord): boolean {
    if (this.#isFull()) return false;
    return this.#append({ opened }, { closed });
  }

  /** The reader has removed a segment of that size. */
  released(bytes: number): void {
    this.#bytes -= bytes;
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  #isFull(): boolean {
    if (this.#bytes < this.options.capBytes) return false;
    this.dropped++;
    this.options.onDropped('full');
    return true;
  }

  #append(...records: SpoolRecord[]): boolean {
    const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    // After a torn write (disk full) the next line starts afresh, so that only the torn one is lost.
    const line = Buffer.from(`${this.#torn ? '\n' : ''}${lines}`);
    try {
      if (this.#segmentSize >= this.#segmentBytes) this.#rotate();
      const written = writeSync(this.#fd, line);
      this.#segmentSize += written;
      this.#bytes += written;
      this.#torn = written < line.length;
    } catch (error) {
      this.dropped++;
      this.options.onDropped('unwritable', error);
      return false;
    }
    if (this.#torn) {
      this.dropped++;
      this.options.onDropped('unwritable');
      return false;
    }
    this.onAppend();
    return true;
  }

  #rotate(): void {
    const fd = openSync(segmentPath(this.folder, this.#number + 1), 'a', 0o600);
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = fd;
    this.#number++;
    this.#segmentSize = fstatSync(fd).size;
    this.#torn = false;
  }
}

export function segmentPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(10, '0')}.jsonl`);
}

/** Segments on disk, oldest first. */
export function listSegments(folder: string): { number: number; size: number }[] {
  return readdirSync(folder)
    .flatMap((name) => {
      const match = SEGMENT.exec(name);
      return match ? [{ number: Number(match[1]), size: statSync(join(folder, name)).size }] : [];
    })
    .sort((a, b) => a.number - b.number);
}
