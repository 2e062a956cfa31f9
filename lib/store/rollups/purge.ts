import type { Sql } from 'postgres';
import { GRAINS, KEPT_MS } from './grains';

/** Removes the rollups that are older than those of their length are kept. */
export async function purgeRollups(sql: Sql, nowMs: number): Promise<void> {
  for (const grain of GRAINS) {
    const before = new Date(nowMs - KEPT_MS[grain]);
    for (const table of ['rollup_money', 'rollup_tags', 'rollup_timings']) {
      await sql`delete from ${sql(table)} where grain = ${grain} and at < ${before}`;
    }
  }
}
