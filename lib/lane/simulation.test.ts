import { expect, inject, it } from 'vitest';
import { type SimReport, simulate } from '@/lib/testing/lane/simulate';

const SEEDS = inject('scale').simulations;
const AT_ONCE = 50;

const reached: SimReport = {};

// A failure names its seed and what happened; `simulate(seed)` makes it happen again.
it.each(Array.from({ length: SEEDS / AT_ONCE }, (_, i) => 1 + i * AT_ONCE))(
  'keeps its promises: seeds from %i',
  async (first) => {
    for (let seed = first; seed < first + AT_ONCE; seed++) {
      for (const [what, times] of Object.entries(await simulate(seed))) reached[what] = (reached[what] ?? 0) + times;
    }
  },
);

it('is the same run again for the same seed', async () => {
  expect(await simulate(7)).toEqual(await simulate(7));
});

it('goes where things go wrong', () => {
  const wanted = [
    'answered by batch',
    'answered by sync',
    'failed by batch',
    'failed by sync',
    'failed by nobody',
    'dropped by nobody',
    'paid in both lanes',
    'paid in a batch that came too late',
    'cancels',
    'intent → void',
    'posting → void',
    'posting → unknown',
    'unknown → void',
    'unknown → open',
    'unknown → ended',
    'void → open',
    'void → unknown',
  ];
  expect(wanted.filter((what) => !reached[what])).toEqual([]);
});
