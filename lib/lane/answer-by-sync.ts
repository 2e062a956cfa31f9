import { ApiError } from '@/lib/core/errors';
import { priceUsage } from '@/lib/core/price-usage';
import type { AttemptRecord } from '@/lib/core/request-record';
import type { Escalation, ItemAnswer } from '@/lib/store/lane/lane-store';
import type { MessageOutcome } from '@/lib/upstream/batch-api';
import { batchParams } from '@/lib/wire/batch-params';
import { errorEnvelope } from '@/lib/wire/error-envelope';
import { isSpendCap } from '@/lib/wire/is-spend-cap';
import { retryAfterMs } from '@/lib/wire/retry-after';
import { createTap } from '@/lib/wire/usage-tap';
import { type Headroom, noteOutcome } from './headroom';
import type { LaneDeps } from './lane-deps';

/** Worth another try while there is time. */
const TRANSIENT = new Set([408, 409, 429, 500, 502, 503, 504, 529]);
/** Upstream's headers that mean something to the caller of this answer. */
const KEPT = ['request-id', 'retry-after', 'x-should-retry'];

/**
 * Asks for one item's answer by an ordinary call. What it answers has been paid for and is yet to be written: that is
 * done by the function that it resolves to, as often as it takes. The first outcome wins, and the cost is booked anyhow.
 */
export async function answerBySync(
  deps: LaneDeps,
  item: Escalation,
  { headroom, leaseUntil, onTook }: { headroom: Headroom; leaseUntil: number; onTook: (ms: number) => void },
): Promise<() => Promise<void>> {
  await deps.crash('after_escalation_claim');
  const beganAt = deps.now();
  // The clock once more, right before the first byte: a process that slept too long must not ask. Others have by now.
  if (beganAt >= leaseUntil) return async () => undefined;
  const outcome = await ask(deps, item);
  await deps.crash('after_sync_answer');
  noteOutcome(headroom, outcome, deps.now());
  const { answer, isTransient } = read(deps, item, outcome, beganAt);
  const againAt = deps.now() + pauseMs(deps, outcome, item.epoch);
  const tookMs = deps.now() - beganAt;
  deps.metrics.syncNeed.observe(tookMs / 1_000);
  if (!isTransient) onTook(tookMs);
  return async () => {
    if (isTransient && againAt < item.answerBy) {
      await deps.store.escalateLater(item, answer.attempt, againAt);
      return;
    }
    const result = await deps.store.settleEscalation(item, answer, deps.now());
    if (result === 'settled') deps.wake([{ id: item.id, answer }]);
  };
}

async function ask(deps: LaneDeps, { credential, payload }: Escalation): Promise<MessageOutcome> {
  let body: Buffer;
  try {
    body = batchParams(payload.body);
  } catch (cause) {
    return { kind: 'failed', error: new ApiError('invalid_request_error', 'The body is no JSON object', { cause }) };
  }
  return deps.api.message(credential, { target: payload.target, headers: payload.headers, body });
}

function pauseMs(deps: LaneDeps, outcome: MessageOutcome, tries: number): number {
  const [first, longest] = deps.pacing.escalateAgainMs;
  const asked = outcome.kind === 'answer' ? retryAfterMs(outcome.answer.headers, deps.now()) : null;
  return Math.round((asked ?? Math.min(longest, first * 2 ** Math.min(10, tries))) * (1 + deps.random() / 4));
}

/** What the item's caller is told, and whether another try may bring something better. */
function read(
  deps: LaneDeps,
  item: Escalation,
  outcome: MessageOutcome,
  beganAt: number,
): { answer: ItemAnswer; isTransient: boolean } {
  if (outcome.kind === 'failed') return failure(deps, item, outcome.error, beganAt);
  const { status, headers, body } = outcome.answer;
  const tap = createTap('application/json');
  tap.push(body);
  tap.finish(true);
  const { messageId, model, usage, errorType, complete } = tap.observed;
  const requestId = String(headers['request-id'] ?? '') || null;
  if (status < 300 && !complete) {
    return failure(deps, item, new ApiError('api_error', 'Upstream broke off its answer', { status: 502 }), beganAt);
  }
  const isGood = status < 300 && errorType === null;
  const type = isGood ? null : (errorType ?? `http_${status}`);
  const attempt = bookOne(deps, item, beganAt, { status, errorType: type, messageId, model, usage, requestId });
  const kept = KEPT.flatMap((name): [string, string][] => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  const outcomeOf = isGood ? 'answered' : 'failed';
  const answer = answerOf(item, { outcome: outcomeOf, status, headers: kept, body, errorType: type, attempt });
  const isTransient = TRANSIENT.has(status) && !(status === 429 && isSpendCap(body));
  return { answer, isTransient };
}

function failure(deps: LaneDeps, item: Escalation, error: ApiError, beganAt: number) {
  const { status, type: errorType } = error;
  const attempt = bookOne(deps, item, beganAt, { status, errorType });
  const body = errorEnvelope(error, `opr_${item.id}`);
  const answer = answerOf(item, { outcome: 'failed', status, body, errorType, attempt });
  return { answer, isTransient: TRANSIENT.has(status) };
}

function answerOf(
  item: Escalation,
  told: Pick<ItemAnswer, 'outcome' | 'status' | 'body' | 'errorType' | 'attempt'> & Partial<ItemAnswer>,
): ItemAnswer {
  return { headers: [], servedBy: 'sync', msgbatchId: item.msgbatchId, ...told };
}

function bookOne(
  deps: LaneDeps,
  item: Escalation,
  startedAt: number,
  told: {
    status: number;
    errorType: string | null;
    messageId?: string | null;
    model?: string | null;
    usage?: Record<string, unknown> | null;
    requestId?: string | null;
  },
): AttemptRecord {
  const usage = told.usage ?? null;
  const { opened } = item;
  return {
    key: told.messageId ?? `${item.id}/sync-${item.epoch}`,
    lane: 'sync',
    startedAt,
    endedAt: deps.now(),
    httpStatus: told.status,
    errorType: told.errorType,
    messageId: told.messageId ?? null,
    upstreamRequestId: told.requestId ?? null,
    model: told.model ?? null,
    usage,
    estimated: false,
    ...priceUsage(deps.prices.book, [told.model ?? null, opened.model], opened.arrivedAt, usage),
    delivered: false,
  };
}
