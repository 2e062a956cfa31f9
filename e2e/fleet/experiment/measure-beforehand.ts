import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { MEASURING } from './fleet-policies';
import type { OffpeakArm } from './offpeak-arm';

/** Whose calls they are. */
export const MEASURING_RUN = 'measuring';

const BATCHES_PER_MODEL = 40;
/** Enough for a p95 of the sync lane. */
const SYNC_CALLS_PER_MODEL = 25;
/** Estimates are made anew after this. */
const ESTIMATE_AGE_MS = 11_000;

/**
 * An Offpeak that has been running for a while knows how long batches take; this one learns it now, from small calls
 * of its own. What never comes back is not waited for.
 */
export async function measureBeforehand(
  arm: OffpeakArm,
  models: readonly string[],
  { patienceMs, isSimulated }: { patienceMs: number; isSimulated: boolean },
): Promise<void> {
  await arm.publish(MEASURING, 'Batches of one call each, to measure by');
  const ask = await arm.askAs(MEASURING_RUN, 'probe');
  const signal = AbortSignal.timeout(patienceMs);
  setMaxListeners(0, signal);
  const call = (model: string, lane: 'sync' | 'batch', i: number) =>
    ask(
      {
        stream: true,
        headers: { 'x-offpeak-tags': `lane=${lane}` },
        params: {
          model,
          // In the size class of the agents' calls, whose synchronous latency is what an escalation will need.
          max_tokens: 1_000,
          messages: [
            {
              role: 'user',
              content: `Say hello to ${lane} ${i} in one sentence.${isSimulated ? ' [[sim:output=250]]' : ''}`,
            },
          ],
        },
      },
      signal,
    ).catch(() => undefined);
  await Promise.all(
    models.flatMap((model) => [
      ...Array.from({ length: SYNC_CALLS_PER_MODEL }, (_, i) => call(model, 'sync', i)),
      ...Array.from({ length: BATCHES_PER_MODEL }, (_, i) => call(model, 'batch', i)),
    ]),
  );
  await sleep(ESTIMATE_AGE_MS);
}
