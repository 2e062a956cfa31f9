import { eq, sql as sqlTag } from 'drizzle-orm';
import type { Sql, TransactionSql } from 'postgres';
import type { Uuid } from '@/lib/core/ids';
import type { PicoUsd } from '@/lib/core/money';
import { NO_PROBES, type ProbeCost, type ProbeSettings } from '@/lib/core/probing';
import { LOCKS } from './advisory-locks';
import type { Database } from './connect';
import { settings } from './schema';

const NAME = 'probes';
const KEPT = '90 days';

/** Who set it, and when; `null`: nobody yet. */
export interface StoredProbeSettings extends ProbeSettings {
  author: string | null;
  updatedAt: string | null;
}

export async function readProbeSettings(db: Database): Promise<StoredProbeSettings> {
  const [row] = await db.select().from(settings).where(eq(settings.name, NAME));
  if (!row) return { ...NO_PROBES, author: null, updatedAt: null };
  const { dailyCapPico, ...stored } = JSON.parse(row.value) as StoredProbeSettings & { dailyCapPico: string };
  return { ...stored, dailyCapPico: BigInt(dailyCapPico) };
}

export async function setProbeSettings(db: Database, stored: StoredProbeSettings): Promise<void> {
  const value = JSON.stringify({ ...stored, dailyCapPico: stored.dailyCapPico.toString() });
  await db
    .insert(settings)
    .values({ name: NAME, value })
    .onConflictDoUpdate({ target: settings.name, set: { value: sqlTag`excluded.value` } });
}

export interface ProbeAsk extends Pick<ProbeSettings, 'intervalMs' | 'dailyCapPico'> {
  models: readonly ({ model: string } & ProbeCost)[];
  /** Of the batch's request and of the synchronous one. */
  id: Uuid;
  syncId: Uuid;
  /** Unix ms of Postgres' clock. */
  now: number;
}

/**
 * Takes one model that is to be probed now, the one that was probed longest ago; `null`: none is, or another process is
 * choosing. Probes that upstream does not take do not pile up: none is made while one is queued. The row is written before anything is sent, and counts at its worst until its cost is known.
 */
export async function claimProbe(sql: Sql, upstreamId: number, ask: ProbeAsk): Promise<string | null> {
  const since = new Date(ask.now - ask.intervalMs);
  return sql.begin(async (tx) => {
    // Claims are made one at a time: two processes could each find room for one more below the cap.
    const [lock] = await tx<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(${LOCKS.claimProbe}) as mine`;
    if (!lock?.mine) return null;
    const due = await tx<{ model: string }[]>`
      select m.model from unnest(${ask.models.map(({ model }) => model)}::text[]) as m(model)
      where not exists (select 1 from probes p
          where p.upstream_id = ${upstreamId} and p.model = m.model and p.claimed_at > ${since})
        and not exists (select 1 from batches b
          where b.upstream_id = ${upstreamId} and b.model = m.model and b.created_at > ${since})
        and not exists (select 1 from items i
          where i.upstream_id = ${upstreamId} and i.model = m.model and i.probe and i.state = 'queued')
      order by (select max(p.claimed_at) from probes p where p.upstream_id = ${upstreamId} and p.model = m.model)
        nulls first, m.model`;
    if (due.length === 0) return null;
    const { bookedPico, heldPico } = await spentOn(tx, upstreamId, ask.now);
    const room = ask.dailyCapPico - bookedPico - heldPico;
    for (const { model } of due) {
      const one = ask.models.find((each) => each.model === model);
      if (!one || one.batchPico + one.syncPico > room) continue;
      await tx`insert into probes (id, sync_id, upstream_id, model, claimed_at, batch_worst_pico, sync_worst_pico)
        values (${ask.id}, ${ask.syncId}, ${upstreamId}, ${model}, ${new Date(ask.now)}, ${one.batchPico.toString()},
          ${one.syncPico.toString()})`;
      return model;
    }
    return null;
  });
}

/** What the probes of a UTC day cost: as booked, and at worst where that is not known yet. */
export interface ProbeSpend {
  bookedPico: PicoUsd;
  heldPico: PicoUsd;
}

/** @param now Unix ms; of the UTC day that it lies in. */
export async function spentOn(sql: Sql | TransactionSql, upstreamId: number, now: number): Promise<ProbeSpend> {
  const midnight = new Date(now);
  midnight.setUTCHours(0, 0, 0, 0);
  // A request that its process did not live to end may have been billed all the same.
  const [row] = await sql<{ booked: string; held: string }[]>`
    select coalesce(sum(cost), 0) as booked,
      coalesce(sum(worst) filter (where cost is null and (state is null or state = 'interrupted')), 0) as held
    from (
      select c.worst, r.state, (select sum(a.cost_pico) from attempts a where a.request_id = c.id) as cost
      from probes p
      cross join lateral (values (p.id, p.batch_worst_pico), (p.sync_id, p.sync_worst_pico)) as c(id, worst)
      left join requests r on r.id = c.id
      where p.upstream_id = ${upstreamId} and p.claimed_at >= ${midnight}
    ) calls`;
  return { bookedPico: BigInt(row?.booked ?? 0), heldPico: BigInt(row?.held ?? 0) };
}

export async function purgeProbes(sql: Sql): Promise<void> {
  await sql`delete from probes where claimed_at < now() - ${KEPT}::interval`;
}
