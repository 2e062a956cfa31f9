import { expect, it } from 'vitest';
import { simulate } from '@/lib/testing/lane/simulate';

const SEEDS_PER_TEST = 30;
const TESTS = 6;

// Each seed is one history of processes, callers, upstream and faults; a failure names it, and `simulate(seed)` is that
// history again.
it.each(Array.from({ length: TESTS }, (_, i) => 1 + i * SEEDS_PER_TEST))(
  'the lane keeps its laws and drains: seeds from %i on',
  async (first) => {
    const reached: Record<string, number> = {};
    for (let seed = first; seed < first + SEEDS_PER_TEST; seed++) {
      for (const [what, count] of Object.entries(await simulate(seed))) reached[what] = (reached[what] ?? 0) + count;
    }
    // Runs in which nothing goes wrong prove nothing.
    for (const what of ['unknown → ended', 'posting → void', 'dropped by nobody'])
      expect(reached[what]).toBeGreaterThan(0);
  },
  60_000,
);
