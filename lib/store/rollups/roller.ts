import type { Sql, TransactionSql } from 'postgres';
import { LOCKS } from '@/lib/store/advisory-locks';
import { GRAIN_MS, type Grain } from './grains';
import { coarser, finer, type Mark, type NextRoll, nameOf, nextRoll, partOf } from './next-roll';
import { oldestPartitionAt } from './raw-from';
import { fold, rollRaw } from './roll';
import { noteTagNames, readTagNames } from './tag-names';

/** Marks that are looked at in one turn, newest first. */
const MOST_MARKS = 5_000;
/** Making a bucket anew may take this share of the time, so that a busy one is not made all the time. */
const SHARE = 0.2;
/** Hours and days are read in parts while they are marked, so they can wait for more of what comes late. */
const LEAST_PAUSE_MS: Record<Grain, number> = { 15: 250, 60: 30_000, 1440: 60_000 };

export interface RollerOptions {
  sql: Sql;
  /** Unix ms. */
  now(): number;
  monotonic(): number;
  /** Called between two steps; a test ends the step there. */
  crash?(point: string): Promise<void>;
}

/**
 * Keeps the rollups what the log says. Whoever writes rows leaves a mark of their bucket in the same transaction; here,
 * in one snapshot, a bucket's marks are taken, its rows are summed up anew and its rollup is replaced. Rows that come
 * meanwhile bring a mark that this snapshot does not see: it stays for the next turn. Doing it again changes nothing.
 */
export class Roller {
  readonly #notBefore = new Map<string, number>();

  constructor(private readonly options: RollerOptions) {}

  /** Rolls what is due, at most so many times. Answers how often it did: less means that nothing more is due for now. */
  async turn(most = 50): Promise<number> {
    for (let done = 0; done < most; done++) if (!(await this.#rollOne())) return done;
    return most;
  }

  async #rollOne(): Promise<boolean> {
    const { sql, now, monotonic } = this.options;
    const startedAt = monotonic();
    this.#forgetPauses(startedAt);
    try {
      const rolled = await sql.begin('isolation level repeatable read', async (tx) => {
        // Before the snapshot: from here on retention cannot remove raw rows.
        await tx`lock table requests in access share mode`;
        const [lock] = await tx<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(${LOCKS.rollups}) as mine`;
        if (!lock?.mine) return null;
        const next = nextRoll(await readMarks(tx), now(), await oldestPartitionAt(tx), (mark) => this.#mayRoll(mark));
        if (next) await this.#make(tx, next);
        return next;
      });
      if (rolled) this.#pause(rolled, monotonic(), monotonic() - startedAt);
      return rolled !== null;
    } catch (error) {
      // Another roller was here between our snapshot and its lock: what it did is not ours to undo.
      if ((error as { code?: unknown }).code === '40001') return false;
      throw error;
    }
  }

  async #make(tx: TransactionSql, next: NextRoll): Promise<void> {
    const { crash = () => Promise.resolve() } = this.options;
    const { upstreamId, grain, from, to, by } = next;
    await tx`
      delete from rollup_marks where upstream_id = ${upstreamId} and grain = ${grain} and at >= ${new Date(from)}
        and at < ${new Date(to)}`;
    await crash('unmarked');
    if (by === 'raw') await rollRaw(tx, next, await noteTagNames(tx, next));
    if (by === 'fold') await fold(tx, next, finer(grain), (await readTagNames(tx)).names);
    await crash('rolled');
    const above = coarser(grain);
    if (above !== null && by !== 'drop') {
      const starts = partOf(next).map((at) => new Date(at).toISOString());
      await tx`
        insert into rollup_marks (upstream_id, grain, at)
        select ${upstreamId}::smallint, ${above}::smallint, part.at from unnest(${starts}::text[]::timestamptz[]) as part(at)
        where not exists (
          select 1 from rollup_marks m where m.upstream_id = ${upstreamId} and m.grain = ${above} and m.at = part.at)`;
    }
    await crash('marked');
  }

  #mayRoll(mark: Mark): boolean {
    return !this.#notBefore.has(nameOf(mark));
  }

  // The newest one: what was made with it was not made because it is busy.
  #pause({ upstreamId, grain, to }: NextRoll, now: number, tookMs: number): void {
    const pause = Math.max(LEAST_PAUSE_MS[grain], tookMs / SHARE);
    this.#notBefore.set(nameOf({ upstreamId, grain, at: to - GRAIN_MS[grain] }), now + pause);
  }

  #forgetPauses(now: number): void {
    for (const [name, until] of this.#notBefore) if (until <= now) this.#notBefore.delete(name);
  }
}

async function readMarks(tx: TransactionSql): Promise<Mark[]> {
  const rows = await tx<{ upstream_id: number; grain: Grain; at: Date }[]>`
    select upstream_id, grain, at from rollup_marks group by 1, 2, 3 order by 3 desc limit ${MOST_MARKS}`;
  return rows.map(({ upstream_id, grain, at }) => ({ upstreamId: upstream_id, grain, at: at.getTime() }));
}
