import type { Sql } from 'postgres';
import type { Uuid } from '@/lib/core/ids';

/** `createdBy` of keys that only name simulated callers. */
export const SYNTH_BY = 'synth';

/** Ids of the keys of these names: revoked from the start and without a secret, so that nobody can call with them. */
export async function synthKeys(sql: Sql, names: readonly string[]): Promise<Map<string, Uuid>> {
  for (const name of names) {
    await sql`
      insert into keys (id, name, secret_hmac, prefix, last4, created_by, revoked_at)
      values (gen_random_uuid(), ${name}, ${`${SYNTH_BY}:${name}`}, 'opk_', '----', ${SYNTH_BY}, now())
      on conflict do nothing`;
  }
  const rows = await sql<{ id: Uuid; name: string }[]>`select id, name from keys where created_by = ${SYNTH_BY}`;
  return new Map(rows.map(({ id, name }) => [name, id]));
}
