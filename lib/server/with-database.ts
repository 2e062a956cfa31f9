import type { Config } from '@/lib/env';
import type { Logger } from '@/lib/log';
import { openDatabase } from './open-database';
import { lockDataDir } from './postgres/lock-data-dir';
import { readRunning } from './running-file';

/** For commands: the database of the Offpeak that runs on the data folder, else the one that it would start on. */
export async function withDatabase(
  { config, log, migrations }: { config: Config; log: Logger; migrations: string },
  act: (url: string) => Promise<void>,
): Promise<void> {
  const running = await readRunning(config.dataDir);
  if (running) return act(running.databaseUrl);
  const lock = await lockDataDir(config.dataDir);
  try {
    const database = await openDatabase(config, log, migrations);
    try {
      await act(database.url);
    } finally {
      await database.stop();
    }
  } finally {
    await lock.release();
  }
}
