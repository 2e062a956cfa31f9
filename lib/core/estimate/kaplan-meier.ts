import { wilson, Z_BAND } from './wilson';

export interface Observation {
  ms: number;
  /** `false`: censored, it had not ended by `ms`. */
  ended: boolean;
  /** Above 0; only ratios matter. */
  weight: number;
  /** How many alike this one stands for; 1 where it is left out. */
  count?: number;
}

/** A step function: `done[i]` is the estimated share that has ended within `ms[i]`. */
export interface DoneCurve {
  /** Ascending, from 0 on: each duration at which something ended or, before that, at which fewer were left to be seen. */
  ms: number[];
  done: number[];
  /** Effective number of observations behind `done[i]`: what Wilson's interval takes as its n. */
  n: number[];
  /** Observations that ended, and those that were censored. */
  ended: number;
  censored: number;
}

/**
 * Kaplan and Meier's product limit with weights. `n` is Dorey and Korn's effective sample size F·(1−F)/Var (Stat. Med.
 * 6, 1987), Var being Greenwood's with each risk set worth Kish's (Σw)²/Σw² (Xie and Liu, Stat. Med. 24, 2005): without
 * censoring and weights that is the plain count, and censoring or uneven weights make it smaller.
 */
export function kaplanMeier(observations: readonly Observation[]): DoneCurve {
  const sorted = observations.filter(({ weight }) => weight > 0).sort((a, b) => a.ms - b.ms);
  const { weights, squares } = atRisk(sorted);
  const curve: DoneCurve = { ms: [], done: [], n: [], ended: 0, censored: 0 };
  const step = (ms: number, done: number, n: number) => {
    curve.ms.push(ms);
    curve.done.push(done);
    curve.n.push(n);
  };
  const kish = (i: number) => (i < sorted.length ? (weights[i] ?? 0) ** 2 / (squares[i] ?? 1) : 0);
  if ((sorted[0]?.ms ?? 0) > 0) step(0, 0, kish(0));
  let left = 1;
  const spread = { left: 1, greenwood: 0 };
  for (let i = 0; i < sorted.length; ) {
    const ms = sorted[i]?.ms ?? 0;
    let ended = 0;
    let next = i;
    for (; next < sorted.length && sorted[next]?.ms === ms; next++) {
      const { ended: hasEnded = false, weight = 0, count = 1 } = sorted[next] ?? {};
      if (hasEnded) ended += weight * count;
      curve[hasEnded ? 'ended' : 'censored'] += count;
    }
    if (ended > 0) {
      const risk = weights[i] ?? 0;
      // What was censored at the same ms was still there when the others ended.
      const endsAll = next === sorted.length && sorted.slice(i, next).every((one) => one.ended);
      const stay = endsAll ? 0 : Math.max(0, 1 - ended / risk);
      left *= stay;
      step(ms, 1 - left, Math.min(kish(0), effective(spread, stay, kish(i))));
    } else if (left === 1) step(ms, 0, kish(next));
    i = next;
  }
  return curve;
}

/** Share that has ended within `ms`; past the last observation it stays where it was. */
export function doneBy(curve: DoneCurve, ms: number): number {
  return curve.done[stepAt(curve, ms)] ?? 0;
}

/** Index of the last step at or before `ms`; −1 before the first. */
export function stepAt({ ms: steps }: { ms: readonly number[] }, ms: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const CDF_POINTS = 200;

/** `[ms, share done within ms, its 95 % band]`: at most 200 points, evenly spaced in the share. */
export function doneCdf(curve: DoneCurve): [ms: number, share: number, low: number, high: number][] {
  const points: [number, number, number, number][] = [];
  const most = curve.done.at(-1) ?? 0;
  let reached = 0;
  curve.ms.forEach((ms, i) => {
    const share = curve.done[i] ?? 0;
    if (share === 0) return;
    // A hair of slack: the product's rounding must not drop a rank.
    const step = Math.floor((share / most) * CDF_POINTS + 1e-9);
    if (step <= reached && i < curve.ms.length - 1 && curve.ms.length > CDF_POINTS) return;
    reached = step;
    points.push([ms, share, ...wilson(share, curve.n[i] ?? 0, Z_BAND)]);
  });
  return points;
}

/** Sums from each observation to the last; summed from the end, so that no difference loses digits. */
function atRisk(sorted: readonly Observation[]): { weights: number[]; squares: number[] } {
  const weights = new Array<number>(sorted.length);
  const squares = new Array<number>(sorted.length);
  let sum = 0;
  let sumOfSquares = 0;
  for (let i = sorted.length - 1; i >= 0; i--) {
    const { weight = 0, count = 1 } = sorted[i] ?? {};
    sum += weight * count;
    sumOfSquares += weight * weight * count;
    weights[i] = sum;
    squares[i] = sumOfSquares;
  }
  return { weights, squares };
}

/**
 * Greenwood's sum has no value once nobody is left. There the last step counts as leaving 1 of m + 1 behind, as one
 * more observation would: with m = n and no censoring the effective number is then n, as on the steps before it.
 */
function effective(spread: { left: number; greenwood: number }, stay: number, atRisk: number): number {
  const kept = Math.max(stay, 1 / (atRisk + 1));
  spread.left *= kept;
  spread.greenwood += (1 - kept) / (kept * atRisk);
  return (1 - spread.left) / (spread.left * spread.greenwood);
}
