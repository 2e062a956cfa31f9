import type { Config } from '@/lib/env';
import type { Logger } from '@/lib/log';
import { readAddress, withPooler } from '@/lib/store/database-address';
import { migrate } from '@/lib/store/migrate';
import { findPooler } from '@/lib/store/pooler';
import { patiently } from './patiently';
import { startEmbeddedPostgres } from './postgres/start-embedded-postgres';
import { StartError } from './start-error';

export interface OpenDatabase {
  url: string;
  /** Ends the embedded server; does nothing to a database that is not ours. */
  stop(): Promise<void>;
}

/**
 * The database to run on, up to date: the one that `DATABASE_URL` names, else the embedded one.
 * @throws StartError when it is unreachable, too old, or refuses the migrations.
 */
export async function openDatabase(config: Config, log: Logger, migrationsFolder: string): Promise<OpenDatabase> {
  const database = config.databaseUrl
    ? { url: await addressOf(config.databaseUrl, log), stop: async () => undefined }
    : await startEmbeddedPostgres({
        dataDir: config.dataDir,
        log: (line) => log.info(line),
        onRestart: (restart) => log.error({ restart }, 'the embedded Postgres died and was started again'),
      });
  try {
    const result = await patiently(log, () => migrate(database.url, migrationsFolder));
    if ('tooOld' in result) {
      throw new StartError(`The database of DATABASE_URL is PostgreSQL ${result.tooOld}; Offpeak needs 15 or newer.`);
    }
    if (result.applied > 0) log.info({ migrations: result.applied }, 'database migrated');
    return database;
  } catch (error) {
    await database.stop();
    throw explain(error, config.databaseUrl);
  }
}

/** With what stands in front of the database, where the address does not say it itself. */
async function addressOf(databaseUrl: string, log: Logger): Promise<string> {
  try {
    const { pooler: said } = readAddress(databaseUrl);
    if (said !== undefined) return databaseUrl;
    // Whoever never answers is to be told of soon.
    const pooler = await patiently(log, () => findPooler(databaseUrl), 2);
    if (pooler) log.info({ pooler }, 'the database is behind a pooler');
    return withPooler(databaseUrl, pooler);
  } catch (error) {
    throw explain(error, databaseUrl);
  }
}

function explain(error: unknown, databaseUrl: string | null): unknown {
  const { code, message, path } = error as { code?: unknown; message?: unknown; path?: unknown };
  if (databaseUrl === null || typeof code !== 'string') return error;
  const where = new URL(databaseUrl);
  const place = `${where.hostname || 'localhost'}:${where.port || 5432}${where.pathname}`;
  // The server's own sentence for a refused login or a missing database; never the URL, which holds the password.
  const isServerWord = /^[0-9A-Z]{5}$/.test(code);
  const why = isServerWord ? String(message) : typeof path === 'string' ? `${code} ${path}` : code;
  return new StartError(`The database of DATABASE_URL (${place}) cannot be used: ${why}.`, { cause: error });
}
