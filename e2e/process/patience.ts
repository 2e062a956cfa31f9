import { vi } from 'vitest';

// For files that start processes, above all on a machine that does other things too. No test waits for a clock: only
// what fails takes this long.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 240_000 });
