import postgres, { type Sql } from 'postgres';
import { type Pooler, readAddress } from './database-address';
import { guardedBy } from './guarded-socket';

/** Refused by PgBouncer at the start of a connection, and swallowed where it is told to ignore it. */
const ASKED_MS = 600_123;
const LOOKS = 10;
const STALLED_MS = 5_000;

/** Finds out by trying. */
export async function findPooler(databaseUrl: string): Promise<Pooler | null> {
  if (await keepsSettings(databaseUrl)) return null;
  const one = plain(databaseUrl);
  const other = plain(databaseUrl);
  try {
    // Two open connections that meet the same server process share it, and one that meets two has none of its own.
    const mine = await serverOf(one);
    for (let look = 0; look < LOOKS; look++) {
      if ((await serverOf(other)) === mine || (await serverOf(one)) !== mine) return 'transaction';
    }
    return 'session';
  } finally {
    await Promise.all([one, other].map((sql) => sql.end({ timeout: 1 })));
  }
}

async function keepsSettings(databaseUrl: string): Promise<boolean> {
  const sql = plain(databaseUrl, { statement_timeout: ASKED_MS });
  try {
    const [row] = await sql`select setting from pg_settings where name = 'statement_timeout'`;
    return Number(row?.setting) === ASKED_MS;
  } catch (error) {
    if ((error as { code?: unknown }).code === '08P01') return false;
    throw error;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function serverOf(sql: Sql): Promise<number> {
  const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return row?.pid ?? 0;
}

function plain(databaseUrl: string, connection: Record<string, number> = {}): Sql {
  const { url, ssl } = readAddress(databaseUrl);
  // Guarded: by itself postgres.js tries again and again what accepts connections and ends them.
  const quiet = { max: 1, prepare: false, connect_timeout: 5, onnotice: () => undefined, ...guardedBy(STALLED_MS) };
  return postgres(url, { ...quiet, ssl, connection: { application_name: 'offpeak-start', ...connection } });
}
