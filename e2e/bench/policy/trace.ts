import type { CacheTtl } from '@/lib/core/auto/prefix-state';
import { draw, exponential, normal, pick } from './random';
import { TurnaroundLaw, type Work } from './turnaround-law';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Before it, batches are sent to learn from; from 0 on, calls count. */
export const HISTORY_MS = -48 * HOUR_MS;
const LENGTH_MS = 24 * HOUR_MS;
/** The world goes on, so that late batches end. */
const WORLD_MS = 60 * HOUR_MS;

/** One conversation: its calls follow each other, the next after the answer to the last. A lone call is one of one. */
export interface Session {
  id: number;
  startsAt: number;
  turns: readonly Turn[];
}

export interface Turn {
  /** Unique in the trace: what chance does to this call. */
  n: number;
  /** From the answer before it, ms. */
  thinkMs: number;
  toleranceMs: number;
  /** Tokens that the turn before it left in the cache, that it adds to it, that are never cached, and of the answer. */
  cached: number;
  added: number;
  other: number;
  output: number;
  /** p95 of synchronous latency of its size class, ms. */
  syncNeedMs: number;
}

export interface Trace {
  seed: number;
  law: TurnaroundLaw;
  sessions: readonly Session[];
  /** When the batches of the history were created. */
  history: readonly number[];
  incidents: readonly { from: number; to: number }[];
  /** For how long an answer keeps its prefix in the cache. */
  ttl: CacheTtl;
}

export interface TraceKind {
  name: string;
  make(seed: number): Trace;
}

/** The provider's own words: single batches usually 90–120 s, most within the hour, some take hours. */
const USUAL: Work = {
  floorMs: 30_000,
  parts: [
    { share: 0.97, medianMs: 70_000, sigma: 0.6 },
    { share: 0.03, medianMs: 30 * MINUTE_MS, sigma: 0.8 },
  ],
};
/** Quick ones and, so many, slow ones. */
const bimodal = (slow: number): Work => ({
  floorMs: 30_000,
  parts: [
    { share: 1 - slow, medianMs: 60_000, sigma: 0.4 },
    { share: slow, medianMs: 50 * MINUTE_MS, sigma: 0.5 },
  ],
});

export const STATIONARY = 'stationary';

/** The last four try the same rules where they are hardest: no bar names them, but what they miss is shown. */
export const TRACES: readonly TraceKind[] = [
  { name: STATIONARY, make: (seed) => trace(seed, USUAL, 90, steady) },
  { name: 'stationary, few calls', make: (seed) => trace(seed, USUAL, 12, steady) },
  { name: 'drifting', make: (seed) => trace(seed, USUAL, 90, drift(seed)) },
  { name: 'bimodal, 10 % slow', make: (seed) => trace(seed, bimodal(0.1), 90, steady) },
  { name: 'diurnal', make: (seed) => trace(seed, USUAL, 90, diurnal) },
  { name: 'incidents', make: (seed) => withIncidents(seed) },
  { name: 'cached agent loops', make: (seed) => trace(seed, USUAL, 30, steady, { loopsPerHour: 6 }) },
  { name: 'always slow', make: (seed) => trace(seed, USUAL, 12, () => 1 / 60) },
  { name: 'incidents, 5 min only', make: (seed) => withIncidents(seed, 5 * MINUTE_MS) },
  {
    name: 'drifting, 5 min only',
    make: (seed) => trace(seed, USUAL, 90, drift(seed), { toleranceMs: () => 5 * MINUTE_MS }),
  },
  { name: 'bimodal, 17 % slow', make: (seed) => trace(seed, bimodal(0.17), 90, steady) },
];

interface Choices {
  loopsPerHour: number;
  /** Of a loop's turn, after the answer before it; exponential above three seconds. */
  thinkMs: number;
  ttl: CacheTtl;
  toleranceMs(u: number): number;
  /** Of calls, those whose answers are ten times as long. */
  longShare: number;
  lengthMs: number;
}

export function trace(
  seed: number,
  work: Work,
  callsPerHour: number,
  speedAt: (atMs: number) => number,
  choices: Partial<Choices> = {},
): Trace {
  const { loopsPerHour = 0, thinkMs = 10_000, ttl = '5m', toleranceMs = usualTolerance } = choices;
  const { longShare = 0, lengthMs = LENGTH_MS } = choices;
  const law = new TurnaroundLaw(work, HISTORY_MS, (WORLD_MS + lengthMs - HISTORY_MS) / MINUTE_MS, speedAt);
  const history: number[] = [];
  for (let at = 0, n = 0; history.length < 200 && at > HISTORY_MS; n++) {
    at -= exponential(draw(seed, 'history', n), HOUR_MS / callsPerHour);
    history.unshift(at);
  }
  const lone = arrivals(seed, 'lone', callsPerHour, lengthMs).map((startsAt, i) => ({
    id: i,
    startsAt,
    turns: [loneCall(seed, i, toleranceMs(draw(seed, 'tolerance', i)), draw(seed, 'long', i) < longShare)],
  }));
  const loops = arrivals(seed, 'loop', loopsPerHour, lengthMs).map((startsAt, i) => ({
    id: lone.length + i,
    startsAt,
    turns: loopTurns(seed, i, thinkMs),
  }));
  return { seed, law, sessions: [...lone, ...loops], history, incidents: [], ttl };
}

function arrivals(seed: number, purpose: string, perHour: number, lengthMs: number): number[] {
  const all: number[] = [];
  if (perHour === 0) return all;
  for (let at = 0, n = 0; ; n++) {
    at += exponential(draw(seed, purpose, n), HOUR_MS / perHour);
    if (at > lengthMs) return all;
    all.push(at);
  }
}

const TOLERANCES = [2, 5, 10, 30, 120].map((minutes) => minutes * MINUTE_MS);
const TOLERANCE_SHARES = [0.15, 0.25, 0.25, 0.2, 0.15];

function usualTolerance(u: number): number {
  return TOLERANCES[pick(TOLERANCE_SHARES, u)] ?? 10 * MINUTE_MS;
}

const SYNC_NEED_MS = 25_000;
/** Ten times the tokens, at 80 a second. */
const LONG_SYNC_NEED_MS = 210_000;

function loneCall(seed: number, n: number, toleranceMs: number, isLong: boolean): Turn {
  return {
    n,
    thinkMs: 0,
    toleranceMs,
    cached: 0,
    added: 0,
    other: Math.round(3_000 * Math.exp(0.8 * normal(draw(seed, 'input', n)))),
    output: Math.round((isLong ? 5_000 : 500) * Math.exp(0.6 * normal(draw(seed, 'output', n)))),
    syncNeedMs: isLong ? LONG_SYNC_NEED_MS : SYNC_NEED_MS,
  };
}

/** A sub-agent: a system prompt, then tool calls whose results stay in the cached prefix. */
function loopTurns(seed: number, loop: number, thinkMs: number): Turn[] {
  const count = 8 + Math.floor(24 * draw(seed, 'turns', loop));
  let cached = 0;
  return Array.from({ length: count }, (_, i) => {
    const n = 1_000_000 + loop * 100 + i;
    const added = i === 0 ? 9_000 : Math.round(1_500 * Math.exp(0.5 * normal(draw(seed, 'added', n))));
    const turn = {
      n,
      thinkMs: 3_000 + exponential(draw(seed, 'think', n), thinkMs),
      toleranceMs: 10 * MINUTE_MS,
      cached,
      added,
      other: 20,
      output: Math.round(300 * Math.exp(0.6 * normal(draw(seed, 'output', n)))),
      syncNeedMs: SYNC_NEED_MS,
    };
    cached += added;
    return turn;
  });
}

const steady = () => 1;

/** Log-speed wanders: a standard deviation of 0.7 (half to twice as fast), forgotten within about four hours. */
function drift(seed: number): (atMs: number) => number {
  const keep = Math.exp(-1 / 240);
  let level = normal(draw(seed, 'drift', 0));
  const minutes = new Map<number, number>();
  let next = HISTORY_MS / MINUTE_MS;
  return (atMs) => {
    const wanted = Math.floor(atMs / MINUTE_MS);
    for (; next <= wanted; next++) {
      level = keep * level + Math.sqrt(1 - keep * keep) * normal(draw(seed, 'drift', 1e6 + next));
      minutes.set(next, Math.exp(0.7 * level));
    }
    return minutes.get(wanted) ?? 1;
  };
}

/** Three times as slow at noon as at midnight. */
function diurnal(atMs: number): number {
  return 3 ** (0.5 * Math.cos((2 * Math.PI * atMs) / (24 * HOUR_MS)));
}

/** Twice a day upstream all but stops, for one to three hours. */
function withIncidents(seed: number, toleranceMs?: number): Trace {
  const incidents = [0, 1].map((i) => {
    const from = (4 + 11 * i + 4 * draw(seed, 'incident', i)) * HOUR_MS;
    return { from, to: from + (1 + 2 * draw(seed, 'incident length', i)) * HOUR_MS };
  });
  const isDown = (atMs: number) => incidents.some(({ from, to }) => atMs >= from && atMs < to);
  return {
    ...trace(
      seed,
      USUAL,
      90,
      (atMs) => (isDown(atMs) ? 1 / 40 : 1),
      toleranceMs === undefined ? {} : { toleranceMs: () => toleranceMs },
    ),
    incidents,
  };
}
