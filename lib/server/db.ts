import { fileURLToPath } from 'node:url';
import { readEnv } from '@/lib/env';
import { createLog } from '@/lib/log';
import { openPool } from '@/lib/store/connect';
import { rebuild } from '@/lib/store/rollups/rebuild';
import { isStartError, StartError } from './start-error';
import { exportFile, importFile } from './transfer-file';
import { withDatabase } from './with-database';

const MIGRATIONS = fileURLToPath(new URL('../../drizzle', import.meta.url));
const STATEMENT_TIMEOUT_MS = 3_600_000;
const USAGE = 'Usage: npm run db -- rebuild [--tags=team,job] | export FILE | import FILE';

/** `npm run db -- COMMAND`. */
async function main([command, ...rest]: readonly string[]): Promise<void> {
  const act = readCommand(command, rest);
  const config = readEnv();
  const startedAt = performance.now();
  await withDatabase({ config, log: createLog(), migrations: MIGRATIONS }, act);
  process.stdout.write(`Done in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`);
  if (command === 'import') {
    process.stdout.write('Start it with the OFFPEAK_SECRET_KEY of the Offpeak that was exported.\n');
  }
}

function readCommand(command: string | undefined, rest: readonly string[]): (url: string) => Promise<void> {
  const [file, ...more] = rest;
  if (command === 'rebuild') {
    const tagNames = readTags(rest);
    return (url) => rebuildAll(url, tagNames);
  }
  if (file === undefined || more.length > 0) throw new StartError(USAGE);
  if (command === 'export') return (url) => exportFile(url, file);
  if (command === 'import') return (url) => importFile(url, file);
  throw new StartError(USAGE);
}

async function rebuildAll(url: string, tagNames: readonly string[] | null): Promise<void> {
  const sql = openPool(url, { name: 'db', max: 1, statementTimeoutMs: STATEMENT_TIMEOUT_MS, pipeline: 100 });
  try {
    await rebuild(sql, {
      tagNames,
      now: () => Date.now(),
      monotonic: () => performance.now(),
      onProgress: (left) => process.stderr.write(`${left} buckets left\n`),
    });
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function readTags(args: readonly string[]): string[] | null {
  const [first, ...more] = args;
  if (first === undefined) return null;
  const names = /^--tags=(.*)$/.exec(first)?.[1]?.split(',');
  if (!names || more.length > 0 || !names.every((name) => /^[a-z0-9][a-z0-9_.-]{0,39}$/.test(name))) {
    throw new StartError(USAGE);
  }
  return names;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${isStartError(error) ? error.message : `The command failed: ${(error as Error).message}`}\n`);
  process.exitCode = 1;
});
