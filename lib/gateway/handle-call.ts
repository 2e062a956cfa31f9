import { type Decision, inSync } from '@/lib/core/decide';
import { ApiError } from '@/lib/core/errors';
import { type Uuid, uuidTime } from '@/lib/core/ids';
import type { OpenedRecord } from '@/lib/core/request-record';
import type { Endpoint } from '@/lib/core/request-states';
import type { Deps } from '@/lib/deps';
import { readCaller } from '@/lib/wire/caller';
import { decodeBody } from '@/lib/wire/decode-body';
import { toApiError } from '@/lib/wire/error-envelope';
import { header, toUpstream } from '@/lib/wire/headers';
import { readOffpeakHeaders } from '@/lib/wire/offpeak-headers';
import { readRequest } from '@/lib/wire/read-request';
import { retryCount } from '@/lib/wire/retry-count';
import { answerError } from './answer-error';
import { authenticate, type Principal } from './authenticate';
import { type Call, type Knowledge, offpeakHeaders, openedRecord } from './call';
import { decideLane, type LaneChoice } from './decide-lane';
import type { Exchange } from './exchange';
import { handleBatches } from './handle-batches';
import { idempotent } from './idempotent';
import { type Route, routeCall } from './route-call';
import { runAndSpill } from './run-and-spill';
import { fallbackIn, reattach, runBatch, type Wait } from './run-batch';
import { runSync } from './run-sync';

const MEGABYTE = 1024 * 1024;
/** The API's own limits: 32 MB for a call, 256 MB for a client's own batch. */
const MOST_BODY = 32 * MEGABYTE;
const MOST_BATCH_BODY = 256 * MEGABYTE;
const ONE_CALLERS_SHARE = 0.75;

function undecided(deps: Deps): Decision {
  const { version: policyVersion } = deps.policy.current;
  return { lane: 'sync', rule: 'default', because: 'rule', policyVersion, batching: null, spill: null };
}

/**
 * One `/v1` call from its first byte to its last, whichever door it came through:
 * route → key → headers → body, read once → decide → lane. Never throws.
 */
export async function handleCall(deps: Deps, exchange: Exchange): Promise<void> {
  const path = exchange.target.split('?', 1)[0] ?? '';
  const route = routeCall(exchange.method, path);
  const known: Knowledge = {
    endpoint: endpointOf(route),
    caller: readCaller(exchange.headers),
    principal: null,
    asked: null,
    body: null,
    decision: undecided(deps),
    facts: null,
  };
  deps.metrics.inFlight.inc();
  deps.calls.running++;
  try {
    if (deps.calls.running > deps.calls.most) throw tooMany(`${deps.calls.most} calls`);
    // The wait for a batch can take hours: by then nothing else of the call is in memory.
    const wait = await serve(deps, exchange, route, known);
    await wait?.();
  } catch (error) {
    refuse(deps, exchange, known, toApiError(error));
  } finally {
    deps.metrics.inFlight.dec();
    deps.calls.running--;
    if (known.principal) leave(deps, known.principal);
  }
}

/** @throws ApiError 529: the last quarter of the room is for others than the one who has the rest of it. */
function enter({ calls }: Deps, principal: Principal): void {
  const held = (calls.byCaller.get(callerOf(principal)) ?? 0) + 1;
  calls.byCaller.set(callerOf(principal), held);
  const most = Math.ceil(calls.most * ONE_CALLERS_SHARE);
  if (held > most) throw tooMany(`${most} calls of this key`);
}

function leave({ calls }: Deps, principal: Principal): void {
  const caller = callerOf(principal);
  const left = (calls.byCaller.get(caller) ?? 0) - 1;
  if (left > 0) calls.byCaller.set(caller, left);
  else calls.byCaller.delete(caller);
}

function callerOf({ key, credential }: Principal): string {
  return key?.id ?? credential ?? '';
}

async function serve(deps: Deps, exchange: Exchange, route: Route, known: Knowledge): Promise<Wait | null> {
  refuseLoops(exchange);
  const principal = await authenticate(deps, exchange.headers);
  known.principal = principal;
  enter(deps, principal);
  if (principal.key) exchange.welcome?.();
  if (route.kind === 'method_not_allowed' && principal.key) throw methodNotAllowed(route.allow);
  if (route.kind === 'other' && principal.key) throw new ApiError('not_found_error', 'Not found');
  known.asked = readOffpeakHeaders(exchange.headers);
  const isBatchCreate = route.kind === 'batches' && route.verb === 'create';
  if (principal.key && (route.kind === 'messages' || isBatchCreate)) deps.budgets.check(principal.key);
  const { call, chosen } = await receive(deps, exchange, route, known, principal);
  const run = async (one: Call): Promise<Wait | null> => {
    if (chosen) return runMessage(deps, one, known, chosen);
    if (route.kind === 'batches' && principal.key) await handleBatches(deps, one, route, principal.key);
    else await runSync(deps, one);
    return null;
  };
  const { idempotencyKey } = known.asked;
  return idempotencyKey !== null && exchange.method === 'POST'
    ? idempotent(deps, call, idempotencyKey, run)
    : run(call);
}

/** Reads the body, and decides. */
async function receive(
  deps: Deps,
  exchange: Exchange,
  route: Route,
  known: Knowledge,
  principal: Principal,
): Promise<{ call: Call; chosen: LaneChoice | null }> {
  const isBatchCreate = route.kind === 'batches' && route.verb === 'create';
  const body = await exchange.readBody(isBatchCreate ? MOST_BATCH_BODY : MOST_BODY);
  const startedAt = deps.clock.monotonic();
  const id = deps.newId();
  // The log reads the arrival from the id: a decision that is made again must see the same moment.
  const arrivedAt = uuidTime(id);
  const plainBody =
    route.kind === 'messages' ? await decodeBody(body, header(exchange.headers, 'content-encoding'), MOST_BODY) : body;
  const chosen =
    route.kind === 'messages' ? chooseLane(deps, exchange, known, { id, arrivedAt, bytes: plainBody }) : null;
  const call: Call = {
    id,
    endpoint: known.endpoint,
    exchange,
    body,
    plainBody,
    principal,
    upstreamHeaders: [...toUpstream(exchange.headers), ...principal.upstreamHeaders, ...hopHeader(deps, principal)],
    opened: { ...openedRecord(deps, id, arrivedAt, known), ...warmth(chosen) },
    startedAt,
    store: (known.asked?.store ?? true) && (principal.key?.store ?? true),
    retries: known.asked?.retries ?? 0,
    prefix: chosen?.prefix,
  };
  return { call, chosen };
}

/** What the policy says, and whether the batch lane can keep it. */
function chooseLane(
  deps: Deps,
  exchange: Exchange,
  known: Knowledge,
  call: { id: Uuid; arrivedAt: number; bytes: Buffer },
): LaneChoice {
  const { facts, json } = readRequest(call.bytes);
  known.body = facts;
  const chosen = decideLane(deps, exchange, known, { ...call, json });
  known.decision = chosen.decision;
  known.facts = chosen.facts;
  return chosen;
}

async function runMessage(
  deps: Deps,
  call: Call,
  known: Knowledge,
  { decision, sizeClass }: LaneChoice,
): Promise<Wait | null> {
  const { batching, spill } = decision;
  const isRetry = retryCount(call.exchange.headers) > 0 || fallbackIn(call) !== null;
  if (deps.lane.isReady && (batching || isRetry)) {
    const wait = await reattach(deps, call);
    if (wait) return wait;
  }
  if (batching && sizeClass) {
    const wait = await runBatch(deps, call, { batching, sizeClass });
    if (wait) return wait;
    known.decision = inSync(decision, 'lane_down');
    if (known.facts) known.facts = { ...known.facts, laneDown: true };
    call.opened = openedRecord(deps, call.id, call.opened.arrivedAt, known);
  }
  if (spill && sizeClass) return runAndSpill(deps, call, { batching: spill, sizeClass });
  await runSync(deps, call);
  return null;
}

/** What a batch-lane call would have read from the sync lane's cache. */
function warmth(chosen: LaneChoice | null): Pick<OpenedRecord, 'warmPrefixTokens' | 'prefixTokens'> {
  const { warmTokens = 0, tokens = 0 } = chosen?.prefix ?? {};
  return chosen?.decision.lane === 'batch' && warmTokens > 0
    ? { warmPrefixTokens: warmTokens, prefixTokens: tokens }
    : {};
}

function refuse(deps: Deps, exchange: Exchange, known: Knowledge, error: ApiError): void {
  const id = deps.newId();
  const opened = openedRecord(deps, id, deps.clock.now(), known);
  if (error.status === 500) deps.log.error({ err: error }, 'call failed inside Offpeak');
  deps.spool.writer.opened(opened);
  deps.spool.writer.closed({
    id,
    state: exchange.isGone ? 'aborted' : 'refused',
    servedBy: null,
    httpStatus: exchange.isGone ? null : error.status,
    errorType: error.type,
    ttfbMs: null,
    latencyMs: null,
    upstreamRequestId: null,
    attempts: [],
  });
  deps.metrics.requests.inc({ endpoint: known.endpoint, lane: 'sync', state: 'refused' });
  if (!exchange.isGone && !exchange.responded) answerError(exchange, id, error, offpeakHeaders(deps, opened));
}

// A request that has passed through an Offpeak whose upstream leads back here.
function refuseLoops(exchange: Exchange): void {
  if (header(exchange.headers, 'x-offpeak-hop') !== null) {
    throw new ApiError('invalid_request_error', 'Offpeak is its own upstream: the call came back to where it started', {
      status: 508,
    });
  }
}

function tooMany(what: string): ApiError {
  return new ApiError('overloaded_error', `Offpeak holds ${what} already, which is as many as it takes`, {
    headers: { 'retry-after': '5' },
  });
}

// Only where a loop could go on for ever: elsewhere a second pass fails for want of an Offpeak key, and the real API
// gets no header that is not the caller's.
function hopHeader(deps: Deps, principal: Principal): [string, string][] {
  const sent = principal.upstreamHeaders.map(([, value]) => value.replace(/^bearer\s+/i, ''));
  const couldReturn = principal.key === null || sent.some((secret) => secret.startsWith('opk_'));
  return couldReturn && !deps.upstream.isOfficial && !deps.upstream.simulated ? [['x-offpeak-hop', '1']] : [];
}

function endpointOf(route: Route): Endpoint {
  switch (route.kind) {
    case 'messages':
      return 'messages';
    case 'batches':
      return 'batches';
    case 'passthrough':
      return route.endpoint;
    default:
      return 'other';
  }
}

function methodNotAllowed(allow: string): ApiError {
  return new ApiError('invalid_request_error', `Method not allowed; use ${allow}`, { status: 405, headers: { allow } });
}
