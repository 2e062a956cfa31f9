import { defineConfig } from 'vitest/config';
import { BASE, DATABASE } from './vitest.config';

/** What takes too long for every change: many seeds, many callers. Nothing is tried twice. */
export default defineConfig({
  ...BASE,
  test: {
    ...DATABASE,
    include: ['lib/lane/simulation.test.ts', 'lib/lane/crash-points.test.ts', 'e2e/long/**/*.test.ts'],
    provide: { scale: { simulations: 6_000, deaths: 20 } },
    retry: 0,
    testTimeout: 300_000,
    hookTimeout: 240_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
