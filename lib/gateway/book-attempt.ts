import { costOf } from '@/lib/core/pricing';
import type { AttemptRecord } from '@/lib/core/request-record';
import { readUsage } from '@/lib/core/usage';
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
  const cost = priceUsage(deps, call, observed);
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

function priceUsage(deps: Deps, call: Call, observed: Observed): Pick<AttemptRecord, 'costPico' | 'priceId'> {
  if (observed.usage === null) return { costPico: '0', priceId: null };
  const usage = readUsage(observed.usage);
  const row = findPrice(deps, call, observed);
  if (!row || !usage?.atListPrice) {
    deps.metrics.unpriced.inc();
    return { costPico: null, priceId: null };
  }
  return { costPico: costOf(row, usage).toString(), priceId: row.id };
}

// What answered is what is billed; an alias may resolve to an id that no row names.
function findPrice(deps: Deps, call: Call, observed: Observed) {
  const at = new Date(call.opened.arrivedAt);
  const { book } = deps.prices;
  const byAnswer = observed.model === null ? null : book.priceAt(observed.model, at);
  return byAnswer ?? (call.opened.model === null ? null : book.priceAt(call.opened.model, at));
}
