import { type FileHandle, open } from 'node:fs/promises';
import type { SpoolRecord } from '@/lib/core/request-record';

const CHUNK = 256 * 1024;
const NEWLINE = 0x0a;

/** Reads whole lines of one segment, also while it is being written to. */
export class SegmentReader {
  #file: FileHandle | null = null;
  #offset = 0;
  #rest = Buffer.alloc(0);
  /** Lines that are no record: torn by a crash or a full disk. */
  torn = 0;

  constructor(private readonly path: string) {}

  /** The next whole lines, at most about a chunk of them; empty when there are none yet. */
  async read(): Promise<SpoolRecord[]> {
    this.#file ??= await open(this.path, 'r');
    const chunk = Buffer.allocUnsafe(CHUNK);
    const { bytesRead } = await this.#file.read(chunk, 0, CHUNK, this.#offset);
    if (bytesRead === 0) return [];
    this.#offset += bytesRead;
    const buffer = Buffer.concat([this.#rest, chunk.subarray(0, bytesRead)]);
    const end = buffer.lastIndexOf(NEWLINE) + 1;
    this.#rest = buffer.subarray(end);
    // A line longer than the chunk: read on.
    if (end === 0) return this.read();
    return this.#parse(buffer.toString('utf8', 0, end));
  }

  /** Bytes behind the last newline: a record that its writer did not finish. */
  get hasTornEnd(): boolean {
    return this.#rest.length > 0;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }

  #parse(text: string): SpoolRecord[] {
    const records: SpoolRecord[] = [];
    for (const line of text.split('\n')) {
      if (line === '') continue;
      try {
        const record = JSON.parse(line) as SpoolRecord;
        if ('opened' in record || 'closed' in record) records.push(record);
        else this.torn++;
      } catch {
        this.torn++;
      }
    }
    return records;
  }
}
