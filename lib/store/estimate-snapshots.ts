import { createHash } from 'node:crypto';
import type { Sql } from 'postgres';
import type { ModelEstimate } from '@/lib/core/estimate/model-estimate';
import { type EstimateSnapshot, toSnapshot } from '@/lib/core/estimate/snapshot';
import type { FreshEstimate } from './estimates';
import { jsonForPostgres } from './insert-from-json';

const HOUR_MS = 3_600_000;
const MOST_REMEMBERED = 1_000;
const PURGED_AT_ONCE = 10_000;

/** Stores what decisions are made by, before one is: with its id in the log any of them can be made again. */
export class EstimateSnapshots {
  /** Monotonic ms at which each was last written. */
  readonly #written = new Map<string, number>();

  constructor(
    private readonly sql: Sql,
    private readonly monotonic: () => number,
  ) {}

  /** The same estimates with their ids, once they are all stored. */
  async keep(fresh: ReadonlyMap<string, FreshEstimate>): Promise<Map<string, ModelEstimate>> {
    const now = this.monotonic();
    const rows: { id: string; estimate: EstimateSnapshot }[] = [];
    const kept = new Map<string, ModelEstimate>();
    for (const [model, one] of fresh) {
      const estimate = toSnapshot(one);
      const id = createHash('sha256').update(JSON.stringify(estimate)).digest('base64url').slice(0, 22);
      kept.set(model, { ...one, snapshotId: id });
      if (now - (this.#written.get(id) ?? Number.NEGATIVE_INFINITY) > HOUR_MS) rows.push({ id, estimate });
    }
    if (rows.length > 0) await this.sql.unsafe(KEEP, [jsonForPostgres(rows)]);
    if (this.#written.size > MOST_REMEMBERED) this.#written.clear();
    for (const { id } of rows) this.#written.set(id, now);
    return kept;
  }
}

// In one order, so that two replicas that write the same ones cannot deadlock.
const KEEP = `insert into estimate_snapshots (id, estimate, used_at)
  select distinct on (r.id) r.id, r.estimate, now() from jsonb_to_recordset($1::text::jsonb) as r(id text, estimate jsonb) order by r.id
  on conflict (id) do update set used_at = excluded.used_at`;

/** Those of these ids that are stored. */
export async function readSnapshots(sql: Sql, ids: readonly string[]): Promise<Map<string, EstimateSnapshot>> {
  if (ids.length === 0) return new Map();
  const rows = await sql<{ id: string; estimate: EstimateSnapshot }[]>`
    select id, estimate from estimate_snapshots where id = any(${[...ids]}::text[])`;
  return new Map(rows.map(({ id, estimate }) => [id, estimate]));
}

/** Deletes those that no logged decision can name any more. @param before Unix ms. */
export async function purgeSnapshots(sql: Sql, before: number): Promise<void> {
  await sql`
    delete from estimate_snapshots where id in (
      select id from estimate_snapshots where used_at < ${new Date(before - HOUR_MS)} limit ${PURGED_AT_ONCE})`;
}
