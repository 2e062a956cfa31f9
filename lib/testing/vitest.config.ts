import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../..', import.meta.url));

export default defineConfig({
  root,
  resolve: { alias: { '@': root.replace(/\/$/, '') } },
  test: {
    include: ['lib/**/*.test.ts', 'app/**/*.test.ts', 'e2e/**/*.test.ts'],
    exclude: ['e2e/long/**', '**/node_modules/**'],
    provide: { scale: { simulations: 600, deaths: 2 } },
    environment: 'node',
    globalSetup: ['lib/testing/global-setup.ts'],
    // Slow cores make some waits miss once; what is broken stays broken.
    retry: 1,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
