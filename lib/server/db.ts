import { fileURLToPath } from 'node:url';
import { readEnv } from '@/lib/env';
import { createLog } from '@/lib/log';
import { openPool } from '@/lib/store/connect';
import { rebuild } from '@/lib/store/rollups/rebuild';
import { isStartError, StartError } from './start-error';
import { withDatabase } from './with-database';

const MIGRATIONS = fileURLToPath(new URL('../../drizzle', import.meta.url));
const STATEMENT_TIMEOUT_MS = 3_600_000;
const USAGE = 'npm run db -- rebuild [--tags=team,job]';

/** `npm run db -- COMMAND`. */
async function main([command, ...rest]: readonly string[]): Promise<void> {
  if (command !== 'rebuild') throw new StartError(`Usage: ${USAGE}`);
  const tagNames = readTags(rest);
  await withDatabase({ config: readEnv(), log: createLog(), migrations: MIGRATIONS }, async (url) => {
    const sql = openPool(url, { name: 'db', max: 1, statementTimeoutMs: STATEMENT_TIMEOUT_MS, pipeline: 100 });
    try {
      const startedAt = performance.now();
      await rebuild(sql, {
        tagNames,
        now: () => Date.now(),
        monotonic: () => performance.now(),
        onProgress: (left) => process.stderr.write(`${left} buckets left\n`),
      });
      process.stdout.write(`Rollups rebuilt in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`);
    } finally {
      await sql.end({ timeout: 5 });
    }
  });
}

function readTags(args: readonly string[]): string[] | null {
  const [first, ...more] = args;
  if (first === undefined) return null;
  const names = /^--tags=(.*)$/.exec(first)?.[1]?.split(',');
  if (!names || more.length > 0 || !names.every((name) => /^[a-z0-9][a-z0-9_.-]{0,39}$/.test(name))) {
    throw new StartError(`Usage: ${USAGE}`);
  }
  return names;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${isStartError(error) ? error.message : `The command failed: ${(error as Error).message}`}\n`);
  process.exitCode = 1;
});
