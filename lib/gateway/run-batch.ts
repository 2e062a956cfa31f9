import type { Batching } from '@/lib/core/decide';
import type { SizeClass } from '@/lib/core/lane-states';
import type { Deps } from '@/lib/deps';
import type { AttachAsk, Attached } from '@/lib/store/lane/lane-store';
import { retryCount } from '@/lib/wire/retry-count';
import type { Call } from './call';
import type { HeldCallOptions } from './held-call';
import { callFingerprint, escalateAtMs, listensFor, newItem } from './new-item';
import { prefixAgain } from './note-prefix';
import { bearsProcessing, patienceOf, retriesLeft } from './patience';

/** Time after its outcome in which an item can still be asked for. */
const REATTACH_MS = 600_000;

/** Holds the caller until it is answered. What it waits for is in Postgres: of the call no bytes are kept. */
export type Wait = () => Promise<void>;

/**
 * Takes a call into the batch lane; its caller is answered when the outcome is there. `null`: Postgres did not take it,
 * nothing was promised, and the call can go elsewhere.
 */
export async function runBatch(
  deps: Deps,
  call: Call,
  plan: { batching: Batching; sizeClass: SizeClass },
): Promise<Wait | null> {
  const item = newItem(deps, call, { ...plan, now: deps.lane.now() });
  try {
    await deps.lane.store.enqueue(item);
  } catch (error) {
    deps.log.warn({ err: error }, 'the batch lane could not take a call: it goes sync');
    return null;
  }
  deps.lane.hasWork();
  return waitFor(
    deps,
    holdOptions(deps, call, { id: call.id, callerEpoch: 0, opened: call.opened, handOvers: 0 }, false),
  );
}

/** Serves a call whose first copy is in the lane already. `null`: there is none, or nobody can tell. */
export async function reattach(deps: Deps, call: Call): Promise<Wait | null> {
  const { lane } = deps;
  let found: Attached | null;
  try {
    found = await lane.store.attach({
      fingerprint: callFingerprint(call),
      isRetry: retryCount(call.exchange.headers) > 0,
      fallbackIn: fallbackIn(call),
      caller: lane.owner,
      now: lane.now(),
      windowMs: REATTACH_MS,
    });
  } catch {
    return null;
  }
  if (!found) return null;
  if (found.state !== 'done') await answerWhileItListens(deps, call, found);
  return waitFor(deps, holdOptions(deps, call, found, true), found.state === 'done');
}

/**
 * The session in which this call may stand for a stream that failed: Claude Code then asks for the same without a
 * stream, as a first try and without a word that it does.
 */
export function fallbackIn({ opened }: Pick<Call, 'opened'>): NonNullable<AttachAsk['fallbackIn']> | null {
  const { client, stream, sessionId, agentId } = opened;
  return client === 'claude-code' && !stream && sessionId !== null ? { sessionId, agentId } : null;
}

/** The time that its first copy had may be longer than what its client, which has lost tries meanwhile, listens for. */
async function answerWhileItListens(deps: Deps, call: Call, found: Attached): Promise<void> {
  const leftMs = listensFor(call, found.handOvers);
  if (leftMs === null) return;
  const { lane } = deps;
  const answerBy = lane.now() + leftMs;
  if (answerBy >= found.answerBy) return;
  await lane.store.hurry([found.id], escalateAtMs(deps, call, leftMs, answerBy)).catch(() => undefined);
}

// Apart, so that what the wait keeps alive is the options alone.
function waitFor(deps: Deps, options: HeldCallOptions, isDone = false): Wait {
  return () => {
    const waiting = deps.lane.held.hold(options);
    if (isDone) deps.lane.held.fetch(options.id);
    return waiting;
  };
}

function holdOptions(
  deps: Deps,
  call: Call,
  item: Pick<Attached, 'id' | 'callerEpoch' | 'opened' | 'handOvers'>,
  isReplay: boolean,
): HeldCallOptions {
  const { exchange, principal, startedAt } = call;
  const { client } = call.opened;
  const prefix = prefixAgain(deps, call);
  exchange.releaseBody?.();
  return {
    id: item.id,
    callerEpoch: item.callerEpoch,
    exchange,
    opened: item.opened,
    prefix,
    stream: call.opened.stream,
    startedAt,
    isReplay,
    patienceMs: patienceOf(exchange.headers, client, principal.key?.patienceMs ?? null),
    bearsProcessing: bearsProcessing(exchange.headers, client),
    handOvers: retriesLeft(exchange.headers, call.retries, item.handOvers),
  };
}
