import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator';
import type { Sql } from 'postgres';
import { LOCKS } from './advisory-locks';
import { openPool } from './connect';

/** For one statement, the wait for another migrator included. */
const LONGEST_MS = 600_000;
/** For a table that others use: all that comes after waits behind a statement that waits, so it waits in short turns. */
const LONGEST_LOCK_MS = 2_000;
const LOCK_PAUSE_MS = 1_000;
const MOST_LOCK_TRIES = 60;

/** Expected of the server, in `server_version_num`'s form. */
export const OLDEST_POSTGRES = 150_000;

export type MigrateResult = { applied: number } | { tooOld: string };

/**
 * Brings the schema up to date, under an advisory lock: drizzle's migrator takes none, and concurrent starts fail.
 * @throws when a migration of these sources is not in the database afterwards: the migrator skips, without a word, one
 * that is older than the newest applied.
 */
export async function migrate(databaseUrl: string, migrationsFolder: string): Promise<MigrateResult> {
  const options = { max: 1, statementTimeoutMs: LONGEST_MS, pipeline: 100 };
  const client = openPool(databaseUrl, { ...options, name: 'migrate', lockTimeoutMs: LONGEST_LOCK_MS });
  // By a transaction of its own: a pooler may give every statement of a session to another server process.
  const locker = openPool(databaseUrl, { ...options, name: 'migrate-lock' });
  try {
    const [server] =
      await client`select current_setting('server_version_num')::int as num, current_setting('server_version') as version`;
    if (server && server.num < OLDEST_POSTGRES) return { tooOld: String(server.version) };
    return await locker.begin(async (lock) => {
      await lock`select pg_advisory_xact_lock(${LOCKS.migrate})`;
      return bringUp(client, migrationsFolder);
    });
  } finally {
    await Promise.all([client, locker].map((sql) => sql.end({ timeout: 5 })));
  }
}

async function bringUp(client: Sql, migrationsFolder: string): Promise<{ applied: number }> {
  const db = drizzle(client);
  const before = await appliedHashes(db);
  await patiently(() => runMigrations(db, { migrationsFolder }));
  const after = await appliedHashes(db);
  const missing = readMigrationFiles({ migrationsFolder }).filter((migration) => !after.has(migration.hash));
  if (missing.length > 0) throw new Error(`${missing.length} migration(s) of these sources were not applied`);
  return { applied: after.size - before.size };
}

/** All that is pending is one transaction: what did not get its lock has changed nothing. */
async function patiently(run: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await run();
    } catch (error) {
      if (!isLockTimeout(error) || tries === MOST_LOCK_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE_MS));
    }
  }
}

/** SQLSTATE 55P03, lock_not_available; drizzle wraps what Postgres says. */
function isLockTimeout(error: unknown): boolean {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return code === '55P03' || cause?.code === '55P03';
}

async function appliedHashes(db: ReturnType<typeof drizzle>): Promise<Set<string>> {
  const [found] = await db.execute(sql`select to_regclass('drizzle.__drizzle_migrations') is not null as there`);
  if (!found?.there) return new Set();
  const rows = await db.execute(sql`select hash from drizzle.__drizzle_migrations`);
  return new Set(rows.map((row) => String(row.hash)));
}
