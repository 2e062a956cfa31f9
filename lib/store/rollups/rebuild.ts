import type { Sql } from 'postgres';
import { QUARTER_MS } from './grains';
import { oldestPartitionAt } from './raw-from';
import { Roller } from './roller';
import { writeTagNames } from './tag-names';

export interface RebuildOptions {
  now(): number;
  monotonic(): number;
  /** Tags that money is rolled up by from now on; `null`: those that it was. */
  tagNames: readonly string[] | null;
  /** Quarter hours, hours and days that are left to do. */
  onProgress?(left: number): void;
}

/**
 * Makes every rollup anew that there are raw rows for; what is older stays. A server may run meanwhile: it may do a part
 * of it, and the hours and days that are not over yet.
 */
export async function rebuild(sql: Sql, { now, monotonic, tagNames, onProgress }: RebuildOptions): Promise<void> {
  if (tagNames !== null) {
    await writeTagNames(sql, { names: tagNames, open: false });
    await sql`delete from rollup_tags where name <> all(${[...tagNames]}::text[])`;
  }
  const rawFrom = await oldestPartitionAt(sql);
  const seconds = QUARTER_MS / 1_000;
  await sql`
    insert into rollup_marks (upstream_id, grain, at)
    select distinct upstream_id, 15,
      to_timestamp((('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 900000) * 900)
    from requests where endpoint = 'messages'
    union select upstream_id, 15, to_timestamp(floor(extract(epoch from upstream_created_at) / ${seconds}) * ${seconds})
    from batches where upstream_created_at is not null and ended_at is not null
    union select upstream_id, 15, at from rollup_money where grain = 15 and at >= ${at(rawFrom)}
    union select upstream_id, 60, at from rollup_money where grain = 60 and at >= ${at(rawFrom)}`;
  const roller = new Roller({ sql, now, monotonic });
  for (;;) {
    await roller.turn();
    const left = await due(sql, now());
    onProgress?.(left);
    if (left === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function due(sql: Sql, nowMs: number): Promise<number> {
  const [row] = await sql<{ left: number }[]>`
    select count(*)::int as left from (select distinct upstream_id, grain, at from rollup_marks
      where grain = 15 or at + grain * interval '1 minute' <= ${new Date(nowMs)}) marked`;
  return row?.left ?? 0;
}

function at(ms: number): Date {
  return new Date(Math.min(ms, 8.64e15));
}
