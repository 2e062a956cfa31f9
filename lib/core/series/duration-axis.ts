import type { ValueAxis } from './axis';
import { logAxis } from './axis';

const S = 1_000;
const M = 60 * S;
const H = 60 * M;
/** Round durations, about three to a decade: people read minutes and hours, not powers of ten. */
const ROUND = [1, 10, 100, 300, S, 3 * S, 10 * S, 30 * S, M, 3 * M, 10 * M, 30 * M, H, 3 * H, 6 * H, 12 * H, 24 * H];

const MAJOR: readonly number[] = [1, 10, 100, S, 10 * S, M, 10 * M, H, 6 * H, 24 * H];
const MOST_TICKS = 9;

/** A log axis of durations in ms with ticks at round ones; never narrower than `usual`. */
export function durationAxis(values: readonly (number | null)[], usual: readonly [number, number]): ValueAxis {
  const positive = values.filter((value): value is number => value !== null && value > 0);
  const least = Math.min(usual[0], ...positive);
  const most = Math.max(usual[1], ...positive);
  const low = ROUND.findLast((round) => round <= least);
  const high = ROUND.find((round) => round >= most);
  // Beyond a day or below a millisecond: whole decades.
  if (low === undefined || high === undefined) return logAxis(positive, usual);
  const within = ROUND.filter((round) => round >= low && round <= high);
  const ticks = within.length > MOST_TICKS ? within.filter((round) => MAJOR.includes(round)) : within;
  return { scale: 'log', domain: [low, high], ticks };
}

const UNITS = [
  ['ms', 1],
  ['s', S],
  ['min', M],
  ['h', H],
] as const;

/** `500 ms`, `30 s`, `10 min`, `6.5 h`: one unit, for an axis, a mark, or where room is short. */
export function roundDurationText(ms: number, digits = 3): string {
  const [unit, size] = UNITS.findLast((one) => ms >= one[1]) ?? UNITS[0];
  return `${Number((ms / size).toPrecision(digits))} ${unit}`;
}

/** Two of them, with the unit once where they share it: `3.95–4.22 min`. */
export function roundSpanText(lowMs: number, highMs: number): string {
  const [low = '', unit] = roundDurationText(lowMs).split(' ');
  const high = roundDurationText(highMs);
  return high.endsWith(` ${unit}`) ? `${low}–${high}` : `${low} ${unit} – ${high}`;
}

/** The same for a cell of a grid: `4.5m`. */
export function tinyDurationText(ms: number): string {
  return roundDurationText(ms, 2).replace(' min', 'm').replace(' ', '');
}
