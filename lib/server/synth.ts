import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DAY_MS } from '@/lib/core/duration';
import { readEnv } from '@/lib/env';
import { createLog } from '@/lib/log';
import { isStartError, StartError } from './start-error';
import { synthesise } from './synthesise';
import { withDatabase } from './with-database';

const MIGRATIONS = fileURLToPath(new URL('../../drizzle', import.meta.url));
const USAGE = 'Usage: npm run synth -- --requests N --days D [--seed S]';

/** `npm run synth`: a simulated past in the request log, up to now. */
async function main(args: string[]): Promise<void> {
  const asked = readArguments(args);
  await withDatabase({ config: readEnv(), log: createLog(), migrations: MIGRATIONS }, async (url) => {
    const startedAt = performance.now();
    const to = Date.now();
    await synthesise(url, { ...asked, from: to - asked.days * DAY_MS, to }, (done) =>
      process.stderr.write(`${done} of ${asked.requests}\n`),
    );
    const seconds = (performance.now() - startedAt) / 1_000;
    process.stdout.write(
      `${asked.requests} simulated requests over ${asked.days} days in ${seconds.toFixed(1)} s (${Math.round(asked.requests / seconds)} a second)\n`,
    );
  });
}

function readArguments(args: string[]): { requests: number; days: number; seed: number } {
  const count = (value: string | undefined, most: number) => {
    const number = Number(value);
    if (!Number.isInteger(number) || number < 1 || number > most) throw new StartError(USAGE);
    return number;
  };
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ args, options: { requests: text, days: text, seed: { ...text, default: '1' } } });
    return {
      requests: count(values.requests, 1e9),
      days: count(values.days, 400),
      seed: count(values.seed, 2 ** 31),
    };
  } catch {
    throw new StartError(USAGE);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${isStartError(error) ? error.message : `The command failed: ${(error as Error).message}`}\n`);
  process.exitCode = 1;
});
