import type { Sql, TransactionSql } from 'postgres';
import { z } from 'zod';
import { uuidFloor } from '@/lib/core/ids';
import type { Roll } from './roll';

const SETTING = 'rollup_tags';
/** So many names are taken up as they are seen; an operator may name others. */
const MOST_NAMES = 10;

/** Tags that money is rolled up by. While it is `open`, every name that was ever seen is among them. */
export interface RolledTags {
  names: readonly string[];
  open: boolean;
}

export async function readTagNames(sql: Sql | TransactionSql): Promise<RolledTags> {
  const rows: { value: string }[] = await sql.unsafe('select value from settings where name = $1', [SETTING]);
  const parsed = Rolled.safeParse(JSON.parse(rows[0]?.value ?? 'null'));
  return parsed.success ? parsed.data : { names: [], open: true };
}

export async function writeTagNames(sql: Sql | TransactionSql, rolled: RolledTags): Promise<void> {
  await sql.unsafe(
    'insert into settings (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value',
    [SETTING, JSON.stringify(rolled)],
  );
}

/** Takes up names that are seen for the first time, the most used ones first, while there is room. */
export async function noteTagNames(tx: TransactionSql, { upstreamId, from, to }: Roll): Promise<readonly string[]> {
  const { names: known, open } = await readTagNames(tx);
  if (!open) return known;
  const rows = await tx<{ name: string }[]>`
    select k as name from requests r cross join lateral jsonb_object_keys(r.tags) k
    where r.upstream_id = ${upstreamId} and r.endpoint = 'messages' and r.id >= ${uuidFloor(from)}::uuid
      and r.id < ${uuidFloor(to)}::uuid and k <> all(${[...known]}::text[])
    group by k order by count(*) desc, k limit ${MOST_NAMES + 1 - known.length}`;
  if (rows.length === 0) return known;
  const names = [...known, ...rows.map(({ name }) => name)];
  const rolled = { names: names.slice(0, MOST_NAMES), open: names.length <= MOST_NAMES };
  await writeTagNames(tx, rolled);
  return rolled.names;
}

const Rolled = z.object({ names: z.array(z.string()), open: z.boolean() });
