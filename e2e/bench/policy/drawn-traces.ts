import { draw, normal } from './random';
import { HISTORY_MS, type Trace, type TraceKind, trace } from './trace';
import type { Work } from './turnaround-law';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * Worlds that nobody chose: each seed draws its own medians, tails, arrival rates and tolerances, so that the rules
 * cannot have been made for them.
 */
export const DRAWN_TRACES: readonly TraceKind[] = [
  { name: 'stationary, drawn', make: (seed) => drawn(seed, plainWork(seed), steady) },
  { name: 'drifting, drawn', make: (seed) => drawn(seed, plainWork(seed), wandering(seed)) },
  { name: 'drifting by steps, drawn', make: (seed) => drawn(seed, plainWork(seed), stepping(seed)) },
  { name: 'bimodal, drawn', make: (seed) => drawn(seed, bimodalWork(seed), steady) },
  { name: 'diurnal, drawn', make: (seed) => drawn(seed, plainWork(seed), daily(seed)) },
  { name: 'diurnal with a weekend, drawn', make: (seed) => drawn(seed, plainWork(seed), weekly(seed), 4 * DAY_MS) },
  { name: 'stationary, mixed sizes, drawn', make: (seed) => drawn(seed, plainWork(seed), steady, DAY_MS, 0.3) },
  { name: 'cached loops, drawn', make: (seed) => loops(seed) },
];

/** Even on a logarithmic scale. */
function between(seed: number, purpose: string, low: number, high: number, n = 0): number {
  return low * (high / low) ** draw(seed, purpose, n);
}

function plainWork(seed: number): Work {
  const slow = between(seed, 'slow share', 0.005, 0.06);
  return {
    floorMs: between(seed, 'floor', 5_000, 60_000),
    parts: [
      {
        share: 1 - slow,
        medianMs: between(seed, 'median', 20_000, 15 * MINUTE_MS),
        sigma: between(seed, 'sigma', 0.3, 1.1),
      },
      { share: slow, medianMs: between(seed, 'slow median', 20 * MINUTE_MS, 120 * MINUTE_MS), sigma: 0.8 },
    ],
  };
}

function bimodalWork(seed: number): Work {
  const slow = between(seed, 'slow share', 0.05, 0.3);
  return {
    floorMs: between(seed, 'floor', 5_000, 60_000),
    parts: [
      {
        share: 1 - slow,
        medianMs: between(seed, 'median', 20_000, 5 * MINUTE_MS),
        sigma: between(seed, 'sigma', 0.3, 0.7),
      },
      { share: slow, medianMs: between(seed, 'slow median', 20 * MINUTE_MS, 120 * MINUTE_MS), sigma: 0.5 },
    ],
  };
}

/** Three minutes to four hours, five kinds of callers. */
function tolerances(seed: number): (u: number) => number {
  const all = Array.from({ length: 5 }, (_, i) =>
    Math.round(between(seed, 'tolerance kind', 3 * MINUTE_MS, 4 * HOUR_MS, i)),
  );
  return (u) => all[Math.min(4, Math.floor(u * 5))] ?? HOUR_MS;
}

function drawn(seed: number, work: Work, speedAt: (atMs: number) => number, lengthMs = DAY_MS, longShare = 0): Trace {
  const toleranceMs = tolerances(seed);
  return trace(seed, work, between(seed, 'rate', 20, 200), speedAt, { toleranceMs, lengthMs, longShare });
}

/** Pauses around the time for which the cache keeps a prefix, which is 5 minutes in every other world, else an hour. */
function loops(seed: number): Trace {
  const ttl = seed % 2 ? '5m' : '1h';
  const thinkMs = between(seed, 'pause', 5_000, ttl === '5m' ? 8 * MINUTE_MS : 40 * MINUTE_MS);
  const toleranceMs = tolerances(seed);
  return trace(seed, plainWork(seed), 20, steady, { toleranceMs, loopsPerHour: 4, thinkMs, ttl });
}

const steady = () => 1;

/** Log-speed wanders, by 0.3 to 0.9, forgotten within one and a half to ten hours. */
function wandering(seed: number): (atMs: number) => number {
  const keep = Math.exp(-1 / between(seed, 'memory', 90, 600));
  const spread = between(seed, 'spread', 0.3, 0.9);
  const speeds: number[] = [];
  let level = normal(draw(seed, 'drift', 0));
  return (atMs) => {
    const minute = Math.floor((atMs - HISTORY_MS) / MINUTE_MS);
    while (speeds.length <= minute) {
      level = keep * level + Math.sqrt(1 - keep * keep) * normal(draw(seed, 'drift', 1e6 + speeds.length));
      speeds.push(Math.exp(spread * level));
    }
    return speeds[minute] ?? 1;
  };
}

/** Every few hours another speed, up to three times as fast or slow as usual, from one minute to the next. */
function stepping(seed: number): (atMs: number) => number {
  const everyMs = between(seed, 'step every', 3, 10) * HOUR_MS;
  return (atMs) => between(seed, 'step', 1 / 3, 3, 1_000 + Math.floor(atMs / everyMs));
}

function daily(seed: number): (atMs: number) => number {
  const swing = between(seed, 'swing', 1.5, 5);
  const phase = draw(seed, 'phase', 0);
  return (atMs) => swing ** (0.5 * Math.cos(2 * Math.PI * (atMs / DAY_MS + phase)));
}

/** The second and third of four days are a weekend, twice as fast. */
function weekly(seed: number): (atMs: number) => number {
  const day = daily(seed);
  return (atMs) => day(atMs) * (atMs >= DAY_MS && atMs < 3 * DAY_MS ? 2 : 1);
}
