import { expect, it } from 'vitest';
import { readFleetFlags } from './fleet-flags';

it('without flags is the whole experiment on the simulator', () => {
  expect(readFleetFlags([])).toMatchObject({ mode: 'experiment', isReal: false, capPico: null, timeScale: null });
  expect(readFleetFlags([]).scenarios).toHaveLength(7);
  expect(readFleetFlags(['--real', '--cap', '2.5'])).toMatchObject({ isReal: true, capPico: 2_500_000_000_000n });
  expect(readFleetFlags(['--measure', '--for=2h', '--every', '90s'])).toMatchObject({
    mode: 'measure',
    forMs: 7_200_000,
    everyMs: 90_000,
  });
});

it.each<[string[], string]>([
  [['--scenario', 'two'], 'There is no scenario two; there are: one,'],
  [['--fast'], "Unknown option '--fast'; there are: --real,"],
  [['now'], "Unexpected argument 'now'"],
  [['--seed', '-1'], '--seed'],
  [['--seed', 'x'], '--seed takes a whole number from 0 to 2147483648, not x.'],
  [['--time-scale=0'], '--time-scale takes a whole number from 1 to 10000, not 0.'],
  [['--measure', '--for', 'long'], '--for takes a duration such as 5m or 6h (at most 24h), not long.'],
  [['--measure', '--scenario', 'one'], '--scenario belongs to the experiment, not to --measure.'],
  [['--every', '5m'], '--every belongs to --measure.'],
  [['--real', '--time-scale', '2'], '--time-scale is the simulator’s'],
  [['--real', '--cap', '-3'], '--cap'],
  [['--real', '--cap=0'], 'The cap is an amount of USD such as 2.50, not 0.'],
  [['--cap', '1'], '--cap belongs to --real and --measure'],
])('%j is refused in one sentence', (args, sentence) => {
  let said = '';
  try {
    readFleetFlags(args);
  } catch (error) {
    said = (error as Error).message;
  }
  expect(said).toContain(sentence);
  expect(said).not.toContain('\n');
});
