import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Arithmetic and text, without anything that lasts: such files share a process, which saves loading it all anew. */
const PURE = ['lib/core/**/*.test.ts', 'lib/wire/**/*.test.ts', 'app/**/*.test.ts'];
const LONG = 'e2e/long/**';

export const DATABASE = { globalSetup: ['lib/testing/global-setup.ts'] };
export const BASE = {
  root,
  resolve: { alias: { '@': root.replace(/\/$/, '') } },
};
const RUN = {
  environment: 'node',
  // Slow cores make some waits miss once; what is broken stays broken.
  retry: 1,
  testTimeout: 30_000,
  hookTimeout: 60_000,
  pool: 'forks' as const,
  maxWorkers: 2,
};

export default defineConfig({
  ...BASE,
  test: {
    maxWorkers: RUN.maxWorkers,
    projects: [
      { ...BASE, test: { ...RUN, name: 'pure', include: PURE, isolate: false } },
      {
        ...BASE,
        test: {
          ...RUN,
          ...DATABASE,
          name: 'parts',
          include: ['lib/**/*.test.ts', 'e2e/**/*.test.ts'],
          exclude: [...PURE, LONG, '**/node_modules/**'],
          provide: { scale: { simulations: 600, deaths: 2 } },
        },
      },
    ],
  },
});
