import type { Because } from '@/lib/core/decide';
import type { Lane } from '@/lib/core/request-states';
import type { AutoAction } from './action';
import type { Facts } from './facts';
import { fnv1a, stableDraw } from './stable-hash';

/** What an `auto` decision rested on, stored with the request so that it can be replayed. `null`: not known. */
export interface Prediction {
  /** Time that the batch itself has, ms. */
  h: number | null;
  /** Estimated share of batches back within `h`, and its one-sided 95 % lower bound. */
  F: number | null;
  lower: number | null;
  /** Effective number of batches behind them, and the half-life of their weights in ms. */
  nEff: number | null;
  halfLifeMs: number | null;
  /** Probability that the prefix is read from cache, in sync and in batch. */
  q: number | null;
  b: number | null;
  /** Share of escalated items that are billed anyway. */
  kappa: number | null;
  /** Probability that a later sync call finds the prefix cold because this one did not refresh it. */
  nu: number | null;
  /** Expected costs in picodollars: one sync call, and sending it to batch. */
  syncCost: number | null;
  batchCost: number | null;
  /** The immutable estimate that was used. */
  snapshotId: string | null;
}

export interface Verdict {
  lane: Lane;
  because: Because;
  prediction: Prediction | null;
}

/** An `auto` action with the time that this call has, ms from its arrival. */
export type JudgedAction = AutoAction & { deadlineMs: number };

/** Decides `auto`: is batch likely to be back in time, and does it save enough? */
export type AutoJudge = (action: JudgedAction, facts: Facts) => Verdict;

const EXPLORED = fnv1a('explore\n');
const SIDES = 1_000_000;

/** Whether this call is one of the share that goes to batch without a good estimate; the same answer on every replay. */
export function isExplored({ explore, escalate }: JudgedAction, { requestId }: Facts): boolean {
  return escalate && stableDraw(EXPLORED, requestId, SIDES) < explore * SIDES;
}

/** The judge that knows of no measurements. */
export const notMeasured: AutoJudge = (action, facts) =>
  isExplored(action, facts)
    ? { lane: 'batch', because: 'explore', prediction: null }
    : { lane: 'sync', because: 'not_measured', prediction: null };
