import { createHash } from 'node:crypto';
import { ApiError } from '@/lib/core/errors';
import type { Uuid } from '@/lib/core/ids';
import type { TerminalState } from '@/lib/core/request-states';
import type { Deps } from '@/lib/deps';
import type { IdempotencyClaim } from '@/lib/store/idempotency';
import { header, toClient } from '@/lib/wire/headers';
import { type Call, offpeakHeaders } from './call';
import type { Exchange } from './exchange';
import { HeldCall, type HeldCallOptions } from './held-call';
import { comeBack } from './held-callers';
import { bearsProcessing, patienceOf, retriesLeft } from './patience';
import { type RecordedAnswer, recordingExchange } from './recording-exchange';
import type { Wait } from './run-batch';

const LOOK_EVERY_MS = 200;
/** These say "try again", so the next try must be a real one. */
const NOT_SHARED = new Set([408, 409, 429]);

/**
 * One outcome per idempotency key for a day, by credential, path and body. The first call runs; one that comes meanwhile
 * is held until that one has its outcome; later ones get it for nothing. What a client should try again is not kept.
 * @throws ApiError 400 for another body under the same key, 529 while Postgres cannot tell.
 */
export async function idempotent(
  deps: Deps,
  call: Call,
  key: string,
  run: (call: Call) => Promise<Wait | null>,
): Promise<Wait | null> {
  const id = keyId(deps, call, key);
  const bodyHash = createHash('sha256').update(call.plainBody).digest('hex');
  const claim = await claimKey(deps, call, id, bodyHash);
  if (claim.kind === 'busy') return () => waitForOutcome(deps, call, id, bodyHash, run);
  return serve(deps, call, id, claim, run);
}

async function serve(
  deps: Deps,
  call: Call,
  id: string,
  claim: Exclude<IdempotencyClaim, { kind: 'busy' }>,
  run: (call: Call) => Promise<Wait | null>,
): Promise<Wait | null> {
  if (claim.kind === 'other_body') {
    throw new ApiError('invalid_request_error', 'idempotency-key: was used with another body');
  }
  if (claim.kind === 'outcome') {
    replay(deps, call, openAnswer(deps, claim.sealed));
    return null;
  }
  const { exchange, release } = keeping(deps, call.exchange, id, call.id);
  try {
    return await run({ ...call, exchange });
  } catch (error) {
    release();
    throw error;
  }
}

/** Holds the key while its first call runs, and keeps what that is answered. */
function keeping(deps: Deps, inner: Exchange, key: string, holder: Uuid): { exchange: Exchange; release(): void } {
  const { heldKeys } = deps;
  const release = () => void heldKeys.release(key, holder);
  const exchange = recordingExchange(inner, {
    async onAnswer(answer) {
      if (isShared(answer)) await heldKeys.settle(key, holder, sealAnswer(deps, answer));
      else await heldKeys.release(key, holder);
    },
    onNothing: release,
  });
  return { exchange, release };
}

/**
 * Holds a caller like any other that waits, until the first call with its key is over.
 * @throws ApiError where its client is to come back, as long as it has seen no byte.
 */
async function waitForOutcome(
  deps: Deps,
  call: Call,
  id: string,
  bodyHash: string,
  run: (call: Call) => Promise<Wait | null>,
): Promise<void> {
  const { pace } = deps.lane.held;
  const waiting = new HeldCall(deps, holdOptions(call), pace);
  const lookEveryMs = Math.min(LOOK_EVERY_MS, pace.pollMs);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    if (call.exchange.isGone) return logWaited(deps, call, 'aborted', null);
    const claim = await claimKey(deps, call, id, bodyHash).catch((error: unknown) => {
      // Who has seen bytes can wait until Postgres is back.
      if (waiting.isCommitted) return BUSY;
      throw error;
    });
    if (claim.kind !== 'busy') {
      if (waiting.isCommitted) return endCommitted(deps, call, { waiting, id, claim });
      const wait = await serve(deps, call, id, claim, run);
      return wait?.();
    }
    if (deps.lifecycle.draining) return giveUp(deps, call, waiting, comeBack('Offpeak is stopping; come back'));
    if (waiting.sign(deps.clock.monotonic()) === 'hand_over') {
      throw comeBack('The first call with this idempotency-key is still under way; come back for its outcome');
    }
  }
}

const BUSY: IdempotencyClaim = { kind: 'busy' };

async function endCommitted(
  deps: Deps,
  call: Call,
  { waiting, id, claim }: { waiting: HeldCall; id: string; claim: Exclude<IdempotencyClaim, { kind: 'busy' }> },
): Promise<void> {
  if (claim.kind === 'outcome') {
    const answer = openAnswer(deps, claim.sealed);
    logReplay(deps, call, answer.status);
    waiting.repeat(answer);
    return;
  }
  // Its own call would need a status of its own, and one has gone: it is made with the client's next try.
  if (claim.kind === 'first') await deps.heldKeys.release(id, call.id);
  giveUp(deps, call, waiting, new ApiError('overloaded_error', 'The first call with this idempotency-key failed'));
}

/** @throws ApiError that one, where no byte has gone. */
function giveUp(deps: Deps, call: Call, waiting: HeldCall, error: ApiError): void {
  if (!waiting.isCommitted) throw error;
  logWaited(deps, call, 'failed', error.type);
  waiting.turnAway(error);
}

function holdOptions(call: Call): HeldCallOptions {
  const { exchange, opened, principal, startedAt, id } = call;
  return {
    id,
    callerEpoch: 0,
    exchange,
    opened,
    prefix: null,
    stream: opened.stream,
    startedAt,
    isReplay: true,
    patienceMs: patienceOf(exchange.headers, opened.client, principal.key?.patienceMs ?? null),
    bearsProcessing: bearsProcessing(exchange.headers, opened.client),
    handOvers: retriesLeft(exchange.headers, call.retries),
  };
}

/** @throws ApiError 529 while Postgres cannot tell. */
async function claimKey(deps: Deps, call: Call, id: string, bodyHash: string): Promise<IdempotencyClaim> {
  try {
    return await deps.heldKeys.claim(id, bodyHash, call.id);
  } catch (cause) {
    // To run it now could be to run it twice, which is what the caller asked to be spared.
    throw new ApiError('overloaded_error', 'Offpeak cannot look up this idempotency-key right now; try again', {
      headers: { 'retry-after': '2' },
      cause,
    });
  }
}

function keyId(deps: Deps, { principal, exchange }: Call, key: string): string {
  const scope = principal.key?.id ?? principal.credential ?? '';
  return deps.secrets.hmacKey(JSON.stringify(['idempotency', scope, exchange.target.split('?')[0], key]));
}

/** Whole and final: a success, or a refusal that another try would get as well. */
function isShared({ status, headers, body }: RecordedAnswer): boolean {
  if (status >= 400) return status < 500 && !NOT_SHARED.has(status) && header(headers, 'x-should-retry') !== 'true';
  const isStream = headers.some(([name, value]) => name === 'content-type' && value.startsWith('text/event-stream'));
  return !isStream || body.subarray(-200).includes('event: message_stop');
}

function replay(deps: Deps, call: Call, { status, headers, body }: RecordedAnswer): void {
  logReplay(deps, call, status);
  const kept = toClient(Object.fromEntries(headers)).filter(([name]) => !OWN_TO_EACH.has(name.toLowerCase()));
  const out = call.exchange.respond(status, [
    ...kept,
    ['content-length', String(body.length)],
    ...offpeakHeaders(deps, call.opened),
    ['x-offpeak-replayed', 'true'],
  ]);
  out.write(body);
  out.end();
}

function logReplay(deps: Deps, call: Call, status: number): void {
  logWaited(deps, call, status < 400 ? 'succeeded' : 'failed', status < 400 ? null : `http_${status}`, status);
}

/** It made no call of upstream, and cost nothing. */
function logWaited(
  deps: Deps,
  call: Call,
  state: TerminalState,
  errorType: string | null,
  status: number | null = null,
): void {
  deps.spool.writer.opened(call.opened);
  deps.spool.writer.closed({
    id: call.id,
    state,
    servedBy: null,
    httpStatus: status,
    errorType,
    ttfbMs: null,
    latencyMs: deps.clock.monotonic() - call.startedAt,
    upstreamRequestId: null,
    attempts: [],
  });
  deps.metrics.requests.inc({ endpoint: call.endpoint, lane: 'sync', state });
}

const OWN_TO_EACH = new Set(['content-length', 'date']);

function sealAnswer(deps: Deps, { status, headers, body }: RecordedAnswer): Buffer {
  const head = Buffer.from(`${JSON.stringify({ status, headers })}\n`);
  return deps.secrets.seal(Buffer.concat([head, body]));
}

function openAnswer(deps: Deps, sealed: Uint8Array): RecordedAnswer {
  const plain = deps.secrets.open(sealed);
  const end = plain.indexOf(0x0a);
  return { ...JSON.parse(plain.toString('utf8', 0, end)), body: plain.subarray(end + 1) };
}
