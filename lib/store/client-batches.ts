import { and, asc, desc, eq, isNull, sql } from 'drizzle-orm';
import { ApiError } from '@/lib/core/errors';
import type { Database } from './connect';
import { clientBatches } from './schema';

export interface BatchPage {
  /** Newest first. */
  ids: string[];
  hasMore: boolean;
}

/** The API's own cursors: `afterId` asks for batches older than that one, `beforeId` for newer ones. */
export interface BatchPageRequest {
  limit: number;
  beforeId: string | null;
  afterId: string | null;
}

/** Message Batches that clients made through Offpeak. To every key but its own a batch does not exist. */
export class ClientBatches {
  constructor(private readonly db: Database) {}

  /** Books a batch as the key's. The first to book one keeps it. */
  async own(id: string, keyId: string): Promise<void> {
    await this.db.insert(clientBatches).values({ id, keyId }).onConflictDoNothing();
  }

  async owns(id: string, keyId: string): Promise<boolean> {
    const [row] = await this.db
      .select({ id: clientBatches.id })
      .from(clientBatches)
      .where(and(eq(clientBatches.id, id), eq(clientBatches.keyId, keyId), isNull(clientBatches.deletedAt)));
    return row !== undefined;
  }

  /** @throws ApiError `invalid_request_error` when the cursor is no batch of this key. */
  async page(keyId: string, { limit, beforeId, afterId }: BatchPageRequest): Promise<BatchPage> {
    const newer = beforeId !== null;
    const cursor = beforeId ?? afterId;
    if (cursor !== null && !(await this.#wasOwned(cursor, keyId))) {
      throw new ApiError('invalid_request_error', `${newer ? 'before_id' : 'after_id'}: no such message batch`);
    }
    const position = sql`(${clientBatches.createdAt}, ${clientBatches.id})`;
    // Compared inside Postgres: a JavaScript date has lost the microseconds.
    const start = sql`(select created_at, id from client_batches where id = ${cursor})`;
    const beyond = newer ? sql`${position} > ${start}` : sql`${position} < ${start}`;
    const order = newer ? asc : desc;
    const rows = await this.db
      .select({ id: clientBatches.id })
      .from(clientBatches)
      .where(and(eq(clientBatches.keyId, keyId), isNull(clientBatches.deletedAt), cursor === null ? undefined : beyond))
      .orderBy(order(clientBatches.createdAt), order(clientBatches.id))
      .limit(limit + 1);
    const ids = rows.slice(0, limit).map((row) => row.id);
    return { ids: newer ? ids.reverse() : ids, hasMore: rows.length > limit };
  }

  /** Its upstream batch was deleted. */
  async forget(id: string): Promise<void> {
    await this.db.update(clientBatches).set({ deletedAt: sql`now()` }).where(eq(clientBatches.id, id));
  }

  // A deleted batch stays good as a cursor: a client may delete while it pages.
  async #wasOwned(id: string, keyId: string): Promise<boolean> {
    const [row] = await this.db
      .select({ id: clientBatches.id })
      .from(clientBatches)
      .where(and(eq(clientBatches.id, id), eq(clientBatches.keyId, keyId)));
    return row !== undefined;
  }
}
