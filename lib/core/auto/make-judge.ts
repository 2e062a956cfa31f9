import type { ModelEstimate } from '@/lib/core/estimate/model-estimate';
import {
  type DoneEstimate,
  estimateDone,
  lastEndedWithin,
  type TurnaroundEstimate,
} from '@/lib/core/estimate/turnaround-estimate';
import { type AutoJudge, isExplored, type Prediction } from '@/lib/core/policy/judge';
import type { PriceRow } from '@/lib/core/pricing';
import { type ExpectedTokens, expectedCost } from './expected-cost';
import { escalateAfterMs, horizonMs } from './horizon';
import { type PrefixState, prefixChances } from './prefix-state';

/** What `auto` is judged by, besides the call's facts. */
export interface AutoInputs {
  /** Of the call's model; `null`: nothing was measured. */
  estimate: Pick<
    ModelEstimate,
    'snapshotId' | 'turnaround' | 'createLagMs' | 'collectLagMs' | 'billedAnywayShare' | 'batchReadShare'
  > | null;
  /** In force at the call's arrival; `null`: unpriced. */
  price: PriceRow | null;
  tokens: ExpectedTokens;
  prefix: PrefixState;
  /** p95 of synchronous latency of its size class, or what is assumed of it, ms. */
  syncNeedMs: number;
  /** The client stops listening after this, whatever the deadline, ms; `null`: it does not. */
  patienceMs: number | null;
}

/** Rounding must not turn an equality. */
const HAIR = 1e-12;
/** A batch newer than this tells how things are. */
const FRESH_MS = 15 * 60_000;
/** What has been late for long is asked after more rarely: each time after this share of the time that it has been. */
const PATIENCE_SHARE = 0.25;

/**
 * `auto`: to batch exactly when it comes back in time with 1 − `maxMiss` (lower bound) and saves `minSaving` in
 * expectation. Where the gate does not hold for want of good data, a share of the calls explores, but never one that
 * could not save even if it came back for certain.
 */
export function makeJudge(inputs: AutoInputs): AutoJudge {
  return (action, facts) => {
    const { estimate, price, prefix } = inputs;
    const turnaround = estimate?.turnaround ?? null;
    const { maxMiss, minSaving, windowMs } = action;
    const timing = {
      deadlineMs: Math.min(action.deadlineMs, inputs.patienceMs ?? Number.POSITIVE_INFINITY),
      syncNeedMs: inputs.syncNeedMs,
      windowMs,
      createLagMs: estimate?.createLagMs ?? null,
      collectLagMs: estimate?.collectLagMs ?? null,
    };
    const h = horizonMs(timing);
    const done = turnaround && estimateDone(turnaround, h);
    const chances = {
      ...prefixChances(
        { ...prefix, batchReadShare: prefix.batchReadShare ?? estimate?.batchReadShare ?? null },
        facts.arrivedAt,
        facts.arrivedAt + escalateAfterMs(timing),
      ),
      kappa: estimate?.billedAnywayShare ?? 1,
    };
    const cost = price && expectedCost(price, prefix.ttl, inputs.tokens, chances);
    const prediction: Prediction = {
      h,
      F: done?.share ?? null,
      lower: done?.lower ?? null,
      nEff: done?.n ?? null,
      halfLifeMs: turnaround?.halfLifeMs ?? null,
      q: chances.q,
      b: chances.b,
      kappa: chances.kappa,
      nu: chances.nu,
      syncCost: cost?.sync ?? null,
      batchCost: cost && done ? cost.sending(1 - done.share) : null,
      snapshotId: estimate?.snapshotId ?? null,
    };
    const sync = (because: 'unpriced' | 'horizon' | 'saving' | 'not_measured' | 'miss') => {
      return { lane: 'sync', because, prediction } as const;
    };
    if (!cost) return sync('unpriced');
    if (h <= 0) return sync('horizon');
    const saves = (miss: number) => cost.sync - cost.sending(miss) >= minSaving * cost.sync - HAIR * cost.sync;
    if (!saves(0)) return sync('saving');
    const holds = done !== null && done.lower >= 1 - maxMiss - HAIR;
    if (holds) return saves(1 - done.share) ? { lane: 'batch', because: 'auto', prediction } : sync('saving');
    const isOpen = done === null || turnaround === null || isThin(done, maxMiss);
    if ((isOpen || isStale(turnaround, h, facts.arrivedAt)) && isExplored(action, facts))
      return { lane: 'batch', because: 'explore', prediction };
    return sync(done === null ? 'not_measured' : 'miss');
  };
}

/** No batch is new enough to tell whether what was late is in time again. */
function isStale(turnaround: TurnaroundEstimate, h: number, now: number): boolean {
  const lateFor = turnaround.newestAt - lastEndedWithin(turnaround, h);
  return now - turnaround.newestAt > Math.max(FRESH_MS, PATIENCE_SHARE * lateFor);
}

/** What was seen leaves room for the gate to hold: only more batches can tell. */
function isThin({ upper }: DoneEstimate, maxMiss: number): boolean {
  return upper >= 1 - maxMiss;
}
