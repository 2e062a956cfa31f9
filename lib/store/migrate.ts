import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator';
import { openPool } from './connect';

/** Any number that only Offpeak uses: one migrator at a time per database. */
const LOCK = 7_216_431_905;

/** For one statement, the wait for another migrator included. */
const LONGEST_MS = 600_000;

/** Expected of the server, in `server_version_num`'s form. */
export const OLDEST_POSTGRES = 150_000;

export type MigrateResult = { applied: number } | { tooOld: string };

/**
 * Brings the schema up to date, under an advisory lock: drizzle's migrator takes none, and concurrent starts fail.
 * @throws when a migration of these sources is not in the database afterwards: the migrator skips, without a word, one
 * that is older than the newest applied.
 */
export async function migrate(databaseUrl: string, migrationsFolder: string): Promise<MigrateResult> {
  // One connection: the session that holds the lock is the session that migrates.
  const client = openPool(databaseUrl, { name: 'migrate', max: 1, statementTimeoutMs: LONGEST_MS, pipeline: 100 });
  try {
    const [server] =
      await client`select current_setting('server_version_num')::int as num, current_setting('server_version') as version`;
    if (server && server.num < OLDEST_POSTGRES) return { tooOld: String(server.version) };
    const db = drizzle(client);
    await client`select pg_advisory_lock(${LOCK})`;
    const before = await appliedHashes(db);
    await client`set lock_timeout = '10s'`;
    await runMigrations(db, { migrationsFolder });
    const after = await appliedHashes(db);
    const missing = readMigrationFiles({ migrationsFolder }).filter((migration) => !after.has(migration.hash));
    if (missing.length > 0) throw new Error(`${missing.length} migration(s) of these sources were not applied`);
    return { applied: after.size - before.size };
  } finally {
    await client.end({ timeout: 5 });
  }
}

async function appliedHashes(db: ReturnType<typeof drizzle>): Promise<Set<string>> {
  const [found] = await db.execute(sql`select to_regclass('drizzle.__drizzle_migrations') is not null as there`);
  if (!found?.there) return new Set();
  const rows = await db.execute(sql`select hash from drizzle.__drizzle_migrations`);
  return new Set(rows.map((row) => String(row.hash)));
}
