import type { z } from 'zod';
import type { BacktestAnswer } from '@/lib/contract/policy-backtest';
import type { BacktestResult } from '@/lib/core/backtest/backtest';
import type { Effect } from '@/lib/core/backtest/effect';
import { requestId } from '@/lib/core/ids';
import { formatUsd } from '@/lib/core/money';
import type { TimeRange } from '@/lib/core/time-range';

/** The result as the admin API tells it. */
export function backtestAnswer(result: BacktestResult, range: TimeRange): z.output<typeof BacktestAnswer> {
  const { effect, notEvaluable, perRule, latency, sample } = result;
  return {
    from: range.from.toISOString(),
    to: range.to.toISOString(),
    ...effectAnswer(effect),
    notEvaluable,
    notMeasured: effect.notMeasured,
    unpriced: effect.unpriced,
    wasteUsd: { actual: formatUsd(effect.actualWaste.total), proposed: formatUsd(effect.proposedWaste.total) },
    latency,
    perRule: perRule.map(({ rule, effect: ofRule }) => ({ rule, ...effectAnswer(ofRule) })),
    sample: sample.map(({ id, arrivedAt, model, logged, proposed, proposedCost }) => ({
      id: requestId(id),
      arrivedAt: new Date(arrivedAt).toISOString(),
      model,
      logged: { lane: logged.lane, rule: logged.rule, because: logged.because },
      proposed: { lane: proposed.lane, rule: proposed.rule, because: proposed.because },
      costUsd: logged.unpriced
        ? null
        : { actual: formatUsd(BigInt(logged.cost)), proposed: formatUsd(BigInt(proposedCost)) },
    })),
  };
}

function effectAnswer(effect: Effect) {
  return {
    requests: effect.requests,
    moved: { toBatch: effect.toBatch, toSync: effect.toSync },
    costUsd: { actual: formatUsd(effect.actualCost.total), proposed: formatUsd(effect.proposedCost.total) },
    savedUsd: formatUsd(effect.actualCost.total - effect.proposedCost.total),
    escalated: round(effect.escalated),
    missed: { count: round(effect.missed), low: round(effect.missedLow), high: round(effect.missedHigh) },
  };
}

// Expectations over many calls: a tenth of a call says all that they know.
function round(expected: number): number {
  return Math.round(expected * 10) / 10;
}
