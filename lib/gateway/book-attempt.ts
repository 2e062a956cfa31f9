import { priceUsage } from '@/lib/core/price-usage';
import type { AttemptRecord } from '@/lib/core/request-record';
import type { Deps } from '@/lib/deps';
import type { Observed } from '@/lib/wire/usage-tap';
import type { Call } from './call';

export interface AttemptOutcome {
  observed: Observed;
  startedAt: number;
  endedAt: number;
  httpStatus: number | null;
  errorType: string | null;
  upstreamRequestId: string | null;
  delivered: boolean;
}

/** The money side of one upstream call: its usage at the price in force when the request arrived. */
export function bookAttempt(deps: Deps, call: Call, outcome: AttemptOutcome): AttemptRecord {
  const { observed } = outcome;
  const models = [observed.model, call.opened.model];
  const cost = priceUsage(deps.prices.book, models, call.opened.arrivedAt, observed.usage);
  if (cost.costPico === null) deps.metrics.unpriced.inc();
  return {
    key: observed.messageId ?? `${call.id}/1`,
    lane: 'sync',
    startedAt: outcome.startedAt,
    endedAt: outcome.endedAt,
    httpStatus: outcome.httpStatus,
    errorType: outcome.errorType,
    messageId: observed.messageId,
    upstreamRequestId: outcome.upstreamRequestId,
    model: observed.model,
    usage: observed.usage,
    estimated: observed.estimated,
    ...cost,
    delivered: outcome.delivered,
  };
}
