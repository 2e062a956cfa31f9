import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Sql } from 'postgres';
import { type Uuid, uuidTime } from '@/lib/core/ids';
import { dayOf, ensurePartitions } from './partitions';

export interface StoredBodies {
  request: string;
  response: string;
  truncated: boolean;
}

interface Seal {
  seal(plain: Uint8Array): Buffer;
  open(sealed: Uint8Array): Buffer;
}

const zip = promisify(gzip);
const unzip = promisify(gunzip);
/** Of each body; the rest is cut off and said to be. */
const MOST_CHARS = 4 * 1024 * 1024;
/** Bodies that wait for Postgres in memory. They are a convenience: the log's records never wait for them. */
const MOST_WAITING = 32 * 1024 * 1024;

/** Encrypted bodies beside the log, off unless the operator turns them on. */
export class Bodies {
  readonly #days = new Set<number>();
  #waitingBytes = 0;
  lost = 0;

  constructor(
    private readonly sql: Sql,
    private readonly secrets: Seal,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** In the background; bodies that Postgres cannot take now are lost, and counted. */
  keep(id: Uuid, request: string, response: string): void {
    const size = request.length + response.length;
    if (this.#waitingBytes + size > MOST_WAITING) {
      this.lost++;
      return;
    }
    this.#waitingBytes += size;
    this.#write(id, request, response)
      .catch((error) => {
        this.lost++;
        this.onError(error);
      })
      .finally(() => {
        this.#waitingBytes -= size;
      });
  }

  async find(id: Uuid): Promise<StoredBodies | null> {
    const [row] = await this.sql<{ sealed: Uint8Array }[]>`select sealed from request_bodies where request_id = ${id}`;
    if (!row) return null;
    return JSON.parse((await unzip(this.secrets.open(row.sealed))).toString('utf8')) as StoredBodies;
  }

  async #write(id: Uuid, request: string, response: string): Promise<void> {
    const stored: StoredBodies = {
      request: request.slice(0, MOST_CHARS),
      response: response.slice(0, MOST_CHARS),
      truncated: request.length > MOST_CHARS || response.length > MOST_CHARS,
    };
    const sealed = this.secrets.seal(await zip(JSON.stringify(stored)));
    const day = dayOf(uuidTime(id));
    if (!this.#days.has(day)) await ensurePartitions(this.sql, [day]);
    this.#days.add(day);
    await this.sql`insert into request_bodies (request_id, sealed) values (${id}, ${sealed}) on conflict do nothing`;
  }
}
