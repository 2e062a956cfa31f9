import type { Config } from '@/lib/env';
import type { Logger } from '@/lib/log';
import { migrate } from '@/lib/store/migrate';
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
    ? { url: config.databaseUrl, stop: async () => undefined }
    : await startEmbeddedPostgres({
        dataDir: config.dataDir,
        log: (line) => log.info(line),
        onRestart: (restart) => log.error({ restart }, 'the embedded Postgres died and was started again'),
      });
  try {
    const result = await migrate(database.url, migrationsFolder);
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

function explain(error: unknown, databaseUrl: string | null): unknown {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (databaseUrl === null || typeof code !== 'string') return error;
  const where = new URL(databaseUrl);
  const place = `${where.hostname || 'localhost'}:${where.port || 5432}${where.pathname}`;
  // The server's own sentence for a refused login or a missing database; never the URL, which holds the password.
  const isServerWord = /^[0-9A-Z]{5}$/.test(code);
  const why = isServerWord ? String(message) : code;
  return new StartError(`The database of DATABASE_URL (${place}) cannot be used: ${why}.`, { cause: error });
}
