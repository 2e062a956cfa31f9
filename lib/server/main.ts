import { Console } from 'node:console';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readEnv } from '@/lib/env';
import { createLog } from '@/lib/log';
import { buildIfStale, SERVER_BUNDLE } from './build-if-stale';
import { isStartError } from './start-error';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** `npm start`, `npm run dev` (`--dev`) and `npm run build` (`--build`). */
async function main(flags: readonly string[]): Promise<void> {
  // stdout belongs to the start's own lines; whatever a library prints goes to stderr.
  globalThis.console = new Console(process.stderr, process.stderr);
  const isDev = flags.includes('--dev');
  const config = readEnv();
  if (!isDev) await buildIfStale(ROOT, (line) => createLog().info(line));
  if (flags.includes('--build')) return;
  const { serve } = isDev ? await import('./serve') : await importBundle();
  await serve({ root: ROOT, config, isDev });
}

// The same module as one file: what the loader makes of the sources, one by one, runs at about two thirds of its speed.
async function importBundle(): Promise<typeof import('./serve')> {
  return (await import(pathToFileURL(ROOT + SERVER_BUNDLE).href)) as typeof import('./serve');
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (isStartError(error)) process.stderr.write(`${error.message}\n`);
  else createLog().fatal({ err: error }, 'Offpeak could not start');
  process.exit(1);
});
