import type { SimRandom } from './sim-random';

/** What the fake upstream does wrong: the share of calls that each befalls. */
const FAULTS = {
  connectSlow: 0.2,
  notSent: 0.2,
  /** The process sleeps between its last look at the clock and the end of its write. */
  writeStalls: 0.3,
  createRefused: 0.3,
  /** Done, without an answer. */
  createSilent: 0.4,
  /** Not done, without an answer. */
  createVanishes: 0.3,
  /** A 5xx, and half of the time it is done all the same. */
  createFails: 0.3,
  createLate: 0.3,
  hidden: 0.4,
  batchSlow: 0.4,
  batchNeverEnds: 0.2,
  itemFails: 0.4,
  asksFail: 0.3,
  asksSlow: 0.2,
  hangs: 0.05,
  resultsCut: 0.3,
  resultsBreak: 0.3,
  resultsOdd: 0.3,
  resultsSlow: 0.2,
  resultsSpoilt: 0.1,
  messageRefused: 0.4,
  messageBreaks: 0.3,
  messageSlow: 0.2,
  messageCut: 0.1,
  scarce: 0.5,
} as const;

export type FakeFaults = Record<keyof typeof FAULTS, number>;
const NAMES = Object.keys(FAULTS) as (keyof typeof FAULTS)[];

export const NO_FAULTS = Object.fromEntries(NAMES.map((name) => [name, 0])) as FakeFaults;

/** Some faults and not others, each more or less often: what all of them at once would hide, a few bring out. */
export function drawFaults(random: SimRandom): FakeFaults {
  const kinds = random.next();
  const drawn = NAMES.map((name) => [name, random.chance(kinds) ? random.next() ** 2 * FAULTS[name] : 0]);
  return Object.fromEntries(drawn) as FakeFaults;
}
