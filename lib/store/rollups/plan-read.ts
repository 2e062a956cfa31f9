import { DAY_MS } from '@/lib/core/duration';
import { type Grain, HOUR_MS, QUARTER_MS } from './grains';

/** Unix ms, `to` exclusive. */
export interface Piece {
  from: number;
  to: number;
}

/** Where each part of a range is read from: rolled up by day, hour or quarter hour, or from the raw rows. */
export type ReadPlan = Record<Grain | 'raw', Piece[]>;

export interface PlanInput extends Piece {
  /** What a chart's buckets begin at, Unix ms: nothing is read that lies on both sides of one. */
  cuts: readonly number[];
  /** Starts of buckets of each grain that are not rolled up as the raw rows stand. */
  dirty: Record<Grain, ReadonlySet<number>>;
  /** Older quarter hours are gone. */
  quartersFrom: number;
  /** Older raw rows are gone: there whole hours stand for what they touch. */
  rawFrom: number;
}

const STEPS = [
  [1440, DAY_MS],
  [60, HOUR_MS],
  [15, QUARTER_MS],
] as const;

/** Covers the range without overlap, each moment from the coarsest rollup that fits. */
export function planRead(input: PlanInput): ReadPlan {
  const plan: ReadPlan = { 15: [], 60: [], 1440: [], raw: [] };
  const cutWithin = new Map(
    STEPS.map(([grain, step]) => [
      grain,
      new Set(input.cuts.filter((cut) => cut % step !== 0).map((cut) => cut - (cut % step))),
    ]),
  );
  const fits = (grain: Grain, step: number, at: number) =>
    at % step === 0 &&
    at + step <= input.to &&
    !cutWithin.get(grain)?.has(at) &&
    !input.dirty[grain].has(at) &&
    (grain !== 15 || at >= input.quartersFrom);
  for (let at = input.from; at < input.to; ) {
    const step = STEPS.find(([grain, length]) => fits(grain, length, at));
    if (step) {
      add(plan[step[0]], at, at + step[1]);
      at += step[1];
    } else if (at < input.rawFrom) {
      if (at % HOUR_MS === 0) add(plan[60], at, at + HOUR_MS);
      at = at - (at % HOUR_MS) + HOUR_MS;
    } else {
      const next = Math.min(input.to, at - (at % QUARTER_MS) + QUARTER_MS);
      add(plan.raw, at, next);
      at = next;
    }
  }
  return plan;
}

function add(pieces: Piece[], from: number, to: number): void {
  const last = pieces.at(-1);
  if (last?.to === from) last.to = to;
  else pieces.push({ from, to });
}
