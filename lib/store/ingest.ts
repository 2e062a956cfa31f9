import type { Sql, TransactionSql } from 'postgres';
import { type Uuid, uuidTime } from '@/lib/core/ids';
import { bookAttempts, markDelivered, refreshSums } from './attempts';
import { insertFromJson, jsonForPostgres } from './insert-from-json';
import { type LoggedRequest, REQUEST_COLUMNS, requestColumns } from './log-row';
import { dayOf, ensurePartitions } from './partitions';
import { servedUpstream } from './upstreams';

/** Writes finished requests to the log. Remembers which partitions and upstreams exist, so that a batch is two inserts. */
export class Ingest {
  readonly #days = new Set<number>();
  readonly #upstreams = new Map<string, number>();

  /** @param past what it writes was never in the lane's tables: a simulated past. */
  constructor(
    private readonly sql: Sql,
    private readonly past = false,
  ) {}

  /** Idempotent: a record that is already there changes nothing. All or nothing. */
  async write(finished: readonly LoggedRequest[]): Promise<void> {
    const batch = await this.#withoutMoved(finished);
    if (batch.length === 0) return;
    await this.#prepare(batch);
    const requestRows = batch.map((one) => requestColumns(one, this.#upstreams.get(one.opened.upstream) ?? 0));
    const attempts = batch.flatMap(({ opened, closed }) => closed.attempts.map((attempt) => ({ opened, attempt })));
    // What was in the batch lane may have attempts that the lane books at the same time: the item's row is their lock.
    const ofLane = this.past
      ? []
      : batch.filter(({ opened, closed }) => opened.lane === 'batch' || closed.batchId).map(idOf);
    await this.sql.begin(async (tx) => {
      if (ofLane.length > 0) await tx`select 1 from items where id = any(${ofLane}::uuid[]) order by id for update`;
      await tx.unsafe(INSERT_REQUESTS, [jsonForPostgres(requestRows)]);
      await bookAttempts(tx, attempts);
      await noteLastUses(tx, batch);
      if (ofLane.length === 0) return;
      await markDelivered(tx, attempts);
      await refreshSums(tx, ofLane);
      await tx`update items set closed_at = now() where id = any(${ofLane}::uuid[]) and closed_at is null`;
    });
  }

  // A sync call that spilled into the batch lane before its process died is not interrupted: the lane has it.
  async #withoutMoved(batch: readonly LoggedRequest[]): Promise<readonly LoggedRequest[]> {
    const cut = batch.filter(({ closed }) => closed.state === 'interrupted').map(idOf);
    if (cut.length === 0) return batch;
    const rows = await this.sql<
      { id: Uuid }[]
    >`select id from items where id = any(${cut}::uuid[]) and closed_at is null`;
    const moved = new Set(rows.map(({ id }) => id));
    return batch.filter(({ opened, closed }) => closed.state !== 'interrupted' || !moved.has(opened.id));
  }

  async #prepare(batch: readonly LoggedRequest[]): Promise<void> {
    const days = new Set(batch.map(({ opened }) => dayOf(uuidTime(opened.id))));
    const missing = [...days].filter((day) => !this.#days.has(day));
    await ensurePartitions(this.sql, missing);
    for (const day of missing) this.#days.add(day);
    for (const { opened } of batch) {
      if (this.#upstreams.has(opened.upstream)) continue;
      this.#upstreams.set(opened.upstream, await servedUpstream(this.sql, opened.upstream, opened.simulated));
    }
  }

  /** A partition may have been dropped under us: forget what was believed, so that a retry creates it. */
  forget(): void {
    this.#days.clear();
    this.#upstreams.clear();
  }
}

const idOf = ({ opened }: LoggedRequest) => opened.id;

/** Notes when the keys of these were last used. */
export async function noteLastUses(tx: TransactionSql, batch: readonly LoggedRequest[]): Promise<void> {
  const lastUsed = lastUses(batch);
  if (lastUsed.length > 0) await tx.unsafe(UPDATE_LAST_USED, [jsonForPostgres(lastUsed)]);
}

/** When each key was last used by these, in a fixed order: two replicas that update the same keys cannot deadlock. */
function lastUses(batch: readonly LoggedRequest[]) {
  const last = new Map<string, number>();
  for (const { opened } of batch) {
    if (opened.keyId) last.set(opened.keyId, Math.max(opened.arrivedAt, last.get(opened.keyId) ?? 0));
  }
  return [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, at]) => ({ id, at: new Date(at) }));
}

const INSERT_REQUESTS = insertFromJson('requests', REQUEST_COLUMNS);
const UPDATE_LAST_USED = `update keys set last_used_at = r.at from jsonb_to_recordset($1::text::jsonb) as r(id uuid, at timestamptz)
  where keys.id = r.id and (keys.last_used_at is null or keys.last_used_at < r.at)`;
