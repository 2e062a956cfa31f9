import { priceUsage } from '@/lib/core/price-usage';
import type { AttemptRecord } from '@/lib/core/request-record';
import type { Escalation, ItemAnswer } from '@/lib/store/lane/lane-store';
import type { MessageOutcome } from '@/lib/upstream/batch-api';
import type { CollectedAnswer } from '@/lib/upstream/collect';
import { batchParams } from '@/lib/wire/batch-params';
import { errorEnvelope } from '@/lib/wire/error-envelope';
import { retryAfterMs } from '@/lib/wire/retry-after';
import { createTap } from '@/lib/wire/usage-tap';
import type { Headroom } from './escalate';
import type { LaneDeps } from './lane-deps';

/** Worth another try while there is time. */
const TRANSIENT = new Set([408, 409, 429, 500, 502, 503, 504, 529]);
/** Upstream's headers that mean something to the caller of this answer. */
const KEPT = ['request-id', 'retry-after', 'x-should-retry'];

/** Answers one item by an ordinary call; the first outcome wins, and what it cost is booked in any case. */
export async function answerBySync(deps: LaneDeps, item: Escalation, headroom: Headroom): Promise<void> {
  await deps.crash('after_escalation_claim');
  const beganAt = deps.now();
  const outcome = await deps.api.message(item.credential, {
    target: item.payload.target,
    headers: item.payload.headers,
    body: batchParams(item.payload.body),
  });
  await deps.crash('after_sync_answer');
  if (outcome.kind === 'answer') noteHeadroom(deps, headroom, outcome.answer);
  const answer = read(deps, item, outcome, beganAt);
  const againAt = deps.now() + pauseMs(deps, outcome, item.epoch);
  if (isTransient(outcome) && againAt < item.answerBy) {
    await deps.store.escalateLater(item, answer.attempt, againAt);
    return;
  }
  const result = await deps.store.settleEscalation(item, answer, deps.now());
  deps.metrics.syncNeed.observe((deps.now() - beganAt) / 1_000);
  if (result === 'settled') deps.wake([item.id]);
}

function isTransient(outcome: MessageOutcome): boolean {
  if (outcome.kind === 'failed') return true;
  const { status, headers } = outcome.answer;
  // A spend cap: a 429 without `retry-after` lasts.
  if (status === 429 && headers['retry-after'] === undefined) return false;
  return TRANSIENT.has(status);
}

function pauseMs(deps: LaneDeps, outcome: MessageOutcome, tries: number): number {
  const [first, longest] = deps.pacing.escalateAgainMs;
  const asked = outcome.kind === 'answer' ? retryAfterMs(outcome.answer.headers, deps.now()) : null;
  return Math.round((asked ?? Math.min(longest, first * 2 ** Math.min(10, tries))) * (1 + deps.random() / 4));
}

function noteHeadroom(deps: LaneDeps, headroom: Headroom, { status, headers }: CollectedAnswer): void {
  const remaining = Number(headers['anthropic-ratelimit-requests-remaining'] ?? Number.NaN);
  const resetAt = Date.parse(String(headers['anthropic-ratelimit-requests-reset'] ?? ''));
  headroom.remaining = Number.isInteger(remaining) && !Number.isNaN(resetAt) ? remaining : null;
  headroom.resetAt = Number.isNaN(resetAt) ? 0 : resetAt;
  const wait = status === 429 ? retryAfterMs(headers, deps.now()) : null;
  if (wait !== null) headroom.pausedUntil = deps.now() + wait;
}

function read(deps: LaneDeps, item: Escalation, outcome: MessageOutcome, beganAt: number): ItemAnswer {
  if (outcome.kind === 'failed') {
    const { error } = outcome;
    const attempt = bookOne(deps, item, beganAt, { status: error.status, errorType: error.type });
    const body = errorEnvelope(error, `opr_${item.id}`);
    return answerOf(item, { outcome: 'failed', status: error.status, body, errorType: error.type, attempt });
  }
  const { status, headers, body } = outcome.answer;
  const tap = createTap('application/json');
  tap.push(body);
  tap.finish(true);
  const { messageId, model, usage, errorType } = tap.observed;
  const requestId = String(headers['request-id'] ?? '') || null;
  const isGood = status < 300 && errorType === null;
  const type = isGood ? null : (errorType ?? `http_${status}`);
  const attempt = bookOne(deps, item, beganAt, { status, errorType: type, messageId, model, usage, requestId });
  const kept = KEPT.flatMap((name): [string, string][] => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  const told = {
    outcome: isGood ? 'answered' : 'failed',
    status,
    headers: kept,
    body,
    errorType: type,
    attempt,
  } as const;
  return answerOf(item, told);
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
