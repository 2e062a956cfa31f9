import { createHash } from 'node:crypto';
import type { Batching } from '@/lib/core/decide';
import { marginMs } from '@/lib/core/horizon';
import type { SizeClass } from '@/lib/core/lane-states';
import type { Deps } from '@/lib/deps';
import type { NewItem } from '@/lib/store/lane/lane-store';
import { batchHeaders, WORKSPACE } from '@/lib/wire/batch-headers';
import { fingerprint } from '@/lib/wire/batch-params';
import { header, OWN_CREDENTIAL_HEADERS } from '@/lib/wire/headers';
import type { Call } from './call';
import { laneCredential } from './lane-credential';
import { listensForMs, patienceOf, retriesLeft } from './patience';

const MINUTE_MS = 60_000;
/** Calls that have minutes do not wait for those that have hours. */
const DEADLINE_CLASSES_MS = [5 * MINUTE_MS, 30 * MINUTE_MS, 240 * MINUTE_MS];
/** Of the time until its answer must begin elsewhere, a call waits at most this share for others to join. */
const WINDOW_SHARE = 0.25;

/** What belongs to the credential, or to bytes that are not kept as they came. */
const NOT_IN_PAYLOAD = new Set([...OWN_CREDENTIAL_HEADERS, WORKSPACE, 'content-encoding']);

/** The call as an item of the batch lane. Times are of the lane's clock. */
export function newItem(
  deps: Deps,
  call: Call,
  plan: { batching: Batching; sizeClass: SizeClass; now: number },
): NewItem {
  const { batching, now } = plan;
  const { exchange, principal, opened } = call;
  const credential = laneCredential(call.principal, call.exchange.headers);
  const headers = batchHeaders(exchange.headers);
  const model = opened.model ?? '';
  const withinMs = answerWithinMs(call, batching);
  const answerBy = now + withinMs;
  const escalateAt = batching.escalate ? escalateAtMs(deps, call, withinMs, answerBy) : null;
  const windowMs = Math.min(batching.windowMs, Math.max(0, ((escalateAt ?? answerBy) - now) * WINDOW_SHARE));
  const deadlineClass = DEADLINE_CLASSES_MS.findIndex((most) => batching.deadlineMs <= most);
  const key = digest([credential, deps.upstream.origin, headers, model, plan.sizeClass, deadlineClass]);
  return {
    id: call.id,
    opened,
    group: { key, credential, headers, model, sizeClass: plan.sizeClass },
    ownCredential: principal.key === null ? [...principal.upstreamHeaders, ...workspaceOf(call)] : null,
    payload: {
      target: exchange.target,
      headers: call.upstreamHeaders.filter(([name]) => !NOT_IN_PAYLOAD.has(name.toLowerCase())).map(([n, v]) => [n, v]),
      body: call.plainBody,
    },
    bytes: call.plainBody.length,
    maxItems: batching.maxItems,
    fingerprint: callFingerprint(call),
    idempotencyKey: null,
    arrivedAt: now,
    windowEndsAt: now + windowMs,
    answerBy,
    escalateAt,
    caller: deps.lane.owner,
  };
}

/** By this a retry finds its item: who calls, what, and under which terms. */
export function callFingerprint(call: Call): string {
  const { exchange, principal, plainBody } = call;
  const scope = [principal.key?.id ?? principal.credential, laneCredential(call.principal, call.exchange.headers)];
  return digest([scope, fingerprint(plainBody), batchHeaders(exchange.headers)]);
}

function workspaceOf({ exchange }: Call): [string, string][] {
  const id = header(exchange.headers, WORKSPACE);
  return id === null ? [] : [[WORKSPACE, id]];
}

/**
 * When the synchronous answer of an item must begin, on the lane's clock.
 * @param withinMs the time that there is in all, which the client may make shorter than its deadline
 */
export function escalateAtMs(deps: Deps, { opened }: Call, withinMs: number, answerBy: number): number {
  return answerBy - deps.estimates.syncNeedMs(opened.model, opened.maxTokens) - marginMs(withinMs);
}

/** ms from now until the answer must be there: the deadline, or the moment at which the client stops listening. */
function answerWithinMs(call: Call, { deadlineMs }: Batching): number {
  return Math.min(deadlineMs, listensFor(call) ?? deadlineMs);
}

/** ms from now for which the caller of this connection, and of those that it will still make, listens; see there. */
export function listensFor({ exchange, opened, principal, retries }: Call, handOvers = 0): number | null {
  const patienceMs = patienceOf(exchange.headers, opened.client, principal.key?.patienceMs ?? null);
  return listensForMs(opened.client, opened.stream, retriesLeft(exchange.headers, retries, handOvers), patienceMs);
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
