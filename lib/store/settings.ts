import type { Sql } from 'postgres';

/**
 * Binds the database to one root secret: under another, every key and session in it would silently stop working.
 * `taken`: it belongs to a different one.
 */
export async function claimSecret(sql: Sql, fingerprint: string): Promise<'ours' | 'taken'> {
  await sql`insert into settings (name, value) values ('secret', ${fingerprint}) on conflict do nothing`;
  const [row] = await sql<{ value: string }[]>`select value from settings where name = 'secret'`;
  return row?.value === fingerprint ? 'ours' : 'taken';
}
