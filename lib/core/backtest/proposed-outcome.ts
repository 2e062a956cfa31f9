import { escalateAfterMs, horizonMs, type Timing } from '@/lib/core/auto/horizon';
import type { Batching, Decision } from '@/lib/core/decide';
import { quantile } from '@/lib/core/estimate/percentile';
import type { LoggedCall } from '@/lib/core/policy/replay';
import { fnv1a, stableDraw } from '@/lib/core/policy/stable-hash';
import type { LoggedOutcome } from './logged-outcome';
import { doneWithin, type TurnaroundByHour } from './turnaround-by-hour';

/** What a proposed decision is expected to bring. Money in whole picodollars, chances 0 … 1. */
export interface ProposedOutcome {
  cost: number;
  waste: number;
  escalated: number;
  /** Chance that the answer comes after the deadline, or never, and its 95 % band. */
  missed: number;
  missedLow: number;
  missedHigh: number;
  /** `sync`: that of some synchronous call of the model; `null`: no success. */
  latencyMs: number | 'sync' | null;
  /** Nothing was measured to judge it by: it is left as it was. */
  notMeasured: boolean;
}

const SIDES = 1 << 30;
const TURNAROUND = fnv1a('turnaround\n');

/** A stable draw between 0 and 1: the same backtest gives the same answer twice. */
export function drawOf(id: string): number {
  return (stableDraw(TURNAROUND, id, SIDES) + 0.5) / SIDES;
}

/** @param decision what a proposed policy decides of the call. */
export function proposedOutcome(
  call: LoggedCall,
  was: LoggedOutcome,
  decision: Decision,
  turnaround: TurnaroundByHour,
): ProposedOutcome {
  const { batching } = decision;
  if (batching === null) return was.lane === 'sync' ? asLogged(was) : inSync(call, was);
  const isSame = was.lane === 'batch' && was.deadlineMs === batching.deadlineMs;
  return isSame || was.syncCost === 0 ? asLogged(was) : inBatch(call, was, batching, turnaround);
}

export function asLogged(was: LoggedOutcome): ProposedOutcome {
  const { deadlineMs, latencyMs } = was;
  const isLate = deadlineMs !== null && (was.timedOut || (was.state === 'succeeded' && (latencyMs ?? 0) > deadlineMs));
  const missed = isLate ? 1 : 0;
  return {
    cost: was.cost,
    waste: was.waste,
    escalated: was.lane === 'batch' && was.servedBy === 'sync' ? 1 : 0,
    missed,
    missedLow: missed,
    missedHigh: missed,
    latencyMs: was.state === 'succeeded' ? latencyMs : null,
    notMeasured: false,
  };
}

function inSync({ price }: LoggedCall, was: LoggedOutcome): ProposedOutcome {
  // What was paid in batch and never delivered would have been paid in full.
  const cost = was.syncCost > 0 || !price ? was.syncCost : Math.round((was.cost * 1_000) / price.batchPermille);
  const latencyMs = was.state === 'succeeded' ? 'sync' : null;
  return { cost, waste: 0, escalated: 0, missed: 0, missedLow: 0, missedHigh: 0, latencyMs, notMeasured: false };
}

function inBatch(
  call: LoggedCall,
  was: LoggedOutcome,
  { deadlineMs, windowMs, escalate }: Batching,
  turnaround: TurnaroundByHour,
): ProposedOutcome {
  const { estimate, facts } = call;
  const measured = call.model === null ? null : turnaround.of(call.model, call.arrivedAt);
  const curve = measured ?? (estimate?.turnaround?.curve.ended ? estimate.turnaround.curve : null);
  if (!curve) return { ...asLogged(was), notMeasured: true };
  const timing: Timing = {
    deadlineMs: Math.min(deadlineMs, facts.patienceMs ?? Number.POSITIVE_INFINITY),
    syncNeedMs: escalate ? facts.syncNeedMs : 0,
    windowMs,
    createLagMs: estimate?.createLagMs ?? null,
    collectLagMs: estimate?.collectLagMs ?? null,
  };
  const horizon = horizonMs(timing);
  const around = escalateAfterMs(timing) - horizon;
  // How long its own batch took is known where there was one.
  const known = was.batchDoneMs === null ? null : was.batchDoneMs <= escalateAfterMs(timing) ? 1 : 0;
  const done = known === null ? doneWithin(curve, Math.max(0, horizon)) : { share: known, low: known, high: known };
  const late = 1 - done.share;
  const batchCost = costInBatch(call, was);
  const drawn = was.batchDoneMs ?? addTo(around, quantile(curve, drawOf(call.id)));
  const isBack = drawn !== null && drawn <= escalateAfterMs(timing);
  if (!escalate) {
    return {
      cost: Math.round(batchCost),
      waste: Math.round(late * batchCost),
      escalated: 0,
      missed: late,
      missedLow: 1 - done.high,
      missedHigh: 1 - done.low,
      latencyMs: isBack ? drawn : null,
      notMeasured: false,
    };
  }
  const wasted = late * (estimate?.billedAnywayShare ?? 1) * batchCost;
  return {
    cost: Math.round(done.share * batchCost + late * was.syncCost + wasted),
    waste: Math.round(wasted),
    escalated: late,
    missed: 0,
    missedLow: 0,
    missedHigh: 0,
    latencyMs: isBack
      ? drawn
      : escalateAfterMs(timing) + (was.lane === 'sync' ? (was.latencyMs ?? 0) : facts.syncNeedMs),
    notMeasured: false,
  };
}

/** The same usage as one item of a batch: what sync read from its cache is mostly written anew there. */
function costInBatch({ price, estimate }: LoggedCall, was: LoggedOutcome): number {
  if (was.lane === 'batch' && was.servedBy === 'batch') return was.cost - was.waste;
  if (!price) return was.syncCost;
  const write = was.cachedForHour ? price.base.cacheWrite1h : price.base.cacheWrite5m;
  const cold = 1 - (estimate?.batchReadShare ?? 0);
  const lost = was.lane === 'sync' ? was.cacheReadTokens * cold * Number(write - price.base.cacheRead) : 0;
  const searches = was.webSearches * Number(price.webSearch);
  return ((was.syncCost - searches + lost) * price.batchPermille) / 1_000 + searches;
}

function addTo(ms: number, more: number | null): number | null {
  return more === null ? null : ms + more;
}
