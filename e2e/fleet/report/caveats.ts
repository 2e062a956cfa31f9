import type { FleetResults } from '@/e2e/fleet/experiment/results';
import { formatDollars } from './format';

/** What these numbers are and are not, in order of weight. */
export function caveats({ isSimulated, timeScale, measuring, seed }: FleetResults): string[] {
  const measured =
    measuring === null
      ? []
      : [
          `Both Offpeaks had measured batches of one call each beforehand (${measuring.batches} together, ${formatDollars(measuring.costUsd)}, in none of the sums), as those that have been running for a while.`,
        ];
  if (!isSimulated) {
    return [
      'Measured against the real API with one key. Other hours, other keys and other models give other numbers.',
      ...measured,
    ];
  }
  return [
    'The turnaround is simulated: nobody publishes how long batches take. Each is drawn around a median of 100 s (Haiku × 1.25, Opus × 1.05), 4 % of them around 15 minutes, 0.3 % take hours. What Offpeak does with them is real; how long they take is not.',
    `The simulated API’s time runs ${timeScale} times as fast and is told here in its own time. Whatever is Offpeak’s or the machine’s own (polling once a second, the policy’s margin of a second, each millisecond of processing) is real and therefore counts ${timeScale}-fold, against it.`,
    `The simulated prompt cache forgets ${timeScale} times sooner than Offpeak, which knows the API’s five minutes, believes: after a rest it takes for warm what is cold.`,
    `Policy windows and tolerances are divided by ${timeScale} like everything else. Prices are list prices; the bills are the simulator’s own. Seed ${seed}.`,
    ...measured,
  ];
}
