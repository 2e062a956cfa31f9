import type { Batching } from '@/lib/core/decide';
import type { SizeClass } from '@/lib/core/lane-states';
import type { Deps } from '@/lib/deps';
import type { Attached } from '@/lib/store/lane/lane-store';
import { retryCount } from '@/lib/wire/retry-count';
import type { Call } from './call';
import { callFingerprint, newItem } from './new-item';
import { bearsProcessing, patienceOf } from './patience';

/** Time after its outcome in which an item can still be asked for. */
const REATTACH_MS = 600_000;

/**
 * Takes a call into the batch lane and answers its caller when the outcome is there. `lane_down`: Postgres did not take
 * it, nothing was promised, and the call can go elsewhere.
 */
export async function runBatch(
  deps: Deps,
  call: Call,
  plan: { batching: Batching; sizeClass: SizeClass },
): Promise<'served' | 'lane_down'> {
  const item = newItem(deps, call, { ...plan, now: deps.lane.now() });
  try {
    await deps.lane.store.enqueue(item);
  } catch (error) {
    deps.log.warn({ err: error }, 'the batch lane could not take a call: it goes sync');
    return 'lane_down';
  }
  deps.lane.hasWork();
  await hold(deps, call, { id: call.id, callerEpoch: 0, opened: call.opened, handOvers: 0 }, false);
  return 'served';
}

/** Serves a call whose first copy is in the lane already. `false`: there is none, or nobody can tell. */
export async function reattach(deps: Deps, call: Call): Promise<boolean> {
  const { lane } = deps;
  let found: Attached | null;
  try {
    found = await lane.store.attach({
      fingerprint: callFingerprint(call),
      isRetry: retryCount(call.exchange.headers) > 0,
      caller: lane.owner,
      now: lane.now(),
      windowMs: REATTACH_MS,
    });
  } catch {
    return false;
  }
  if (!found) return false;
  const waiting = hold(deps, call, found, true);
  if (found.state === 'done') lane.held.wake([found.id]);
  await waiting;
  return true;
}

function hold(
  deps: Deps,
  call: Call,
  item: Pick<Attached, 'id' | 'callerEpoch' | 'opened' | 'handOvers'>,
  isReplay: boolean,
): Promise<void> {
  const { exchange, principal, startedAt } = call;
  const { client } = call.opened;
  return deps.lane.held.hold({
    id: item.id,
    callerEpoch: item.callerEpoch,
    exchange,
    opened: item.opened,
    stream: call.opened.stream,
    startedAt,
    isReplay,
    patienceMs: patienceOf(exchange.headers, client, principal.key?.patienceMs ?? null),
    bearsProcessing: bearsProcessing(exchange.headers, client),
    handOvers: Math.max(0, call.retries - item.handOvers),
  });
}
