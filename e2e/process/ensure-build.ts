import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from '@/lib/server/build-if-stale';
import { isStartError } from '@/lib/server/start-error';

/** Where the product lies. */
export const PRODUCT = fileURLToPath(new URL('../..', import.meta.url));

let built: Promise<void> | null = null;

/** Builds the pages once, whoever asks first: the other test files, in their own processes, wait for that one. */
export function ensureBuild(): Promise<void> {
  built ??= buildOrWait();
  return built;
}

async function buildOrWait(): Promise<void> {
  for (;;) {
    try {
      await buildIfStale(PRODUCT, () => undefined);
      return;
    } catch (error) {
      if (!isStartError(error) || !error.message.includes('is building')) throw error;
      await pause(250);
    }
  }
}
