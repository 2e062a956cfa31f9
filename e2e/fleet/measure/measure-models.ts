import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';
import { fleetClient } from '@/e2e/fleet/experiment/fleet-client';
import type { FleetUpstream } from '@/e2e/fleet/experiment/fleet-upstream';
import { probeBody } from '@/lib/core/probing';

/** What one probe said; ms of the API's time. */
export interface Probe {
  model: string;
  /** Of the batch: upstream's own two times, or how old it was when it was last looked at. */
  turnaroundMs: number;
  ended: boolean;
  /** The same request by sync; `null`: it failed. */
  syncMs: number | null;
}

export interface Measured {
  probes: Probe[];
  /** Why it ended before its time; `null`: it did not. */
  stoppedBy: string | null;
}

export interface Measuring {
  upstream: FleetUpstream;
  models: readonly string[];
  /** Of the API's time. */
  forMs: number;
  everyMs: number;
  /** What the API's time is divided by. */
  timeScale: number;
  onProbe(probes: number): void;
}

export const MEASURE_RUN = 'measure';

/** A tenth of a batch's age, within these: its turnaround is told by upstream, however late we ask. */
const POLL_MS = [1_000, 10_000] as const;
/** What is asked for within the last part of the time is still waited for that long. */
const LAST_WAIT_MS = 20 * 60_000;

/** Sends small probes, one of each model every now and then: a batch of one, and the same request by sync. */
export async function measureModels(measuring: Measuring): Promise<Measured> {
  const { upstream, models, forMs, everyMs, timeScale } = measuring;
  const client = fleetClient(upstream.url, upstream.keyOf(MEASURE_RUN));
  const real = (ms: number) => ms / timeScale;
  const endsAt = performance.now() + real(forMs);
  const over = AbortSignal.timeout(Math.ceil(real(forMs + LAST_WAIT_MS)));
  setMaxListeners(0, over);
  const running: Promise<Probe | null>[] = [];
  let stoppedBy: string | null = null;
  let count = 0;
  const one = async (model: string): Promise<Probe | null> => {
    try {
      const probe = await probeOnce(client, model, { timeScale, over });
      measuring.onProbe(++count);
      return probe;
    } catch (error) {
      stoppedBy ??= error instanceof Anthropic.APIError ? messageOf(error) : String(error);
      return null;
    }
  };
  for (let round = 0; round * everyMs < forMs && stoppedBy === null; round++) {
    const startsAt = endsAt - real(forMs - round * everyMs);
    await sleep(Math.max(0, startsAt - performance.now()));
    running.push(...models.map(one));
  }
  const probes = (await Promise.all(running)).filter((probe) => probe !== null);
  return { probes, stoppedBy };
}

async function probeOnce(
  client: Anthropic,
  model: string,
  { timeScale, over }: { timeScale: number; over: AbortSignal },
): Promise<Probe> {
  const params = probeBody(model) as Anthropic.MessageCreateParamsNonStreaming;
  let batch = await client.messages.batches.create({ requests: [{ custom_id: 'probe', params }] });
  const syncMs = await syncLatency(client, params, timeScale);
  while (batch.processing_status !== 'ended' && !over.aborted) {
    const ageMs = (Date.now() - Date.parse(batch.created_at)) * timeScale;
    const pollMs = Math.min(POLL_MS[1], Math.max(POLL_MS[0], ageMs / 10));
    await sleep(pollMs / timeScale, null, { signal: over }).catch(() => undefined);
    batch = await client.messages.batches.retrieve(batch.id);
  }
  const createdAt = Date.parse(batch.created_at);
  if (batch.ended_at === null)
    return { model, turnaroundMs: (Date.now() - createdAt) * timeScale, ended: false, syncMs };
  const succeeded = batch.request_counts.succeeded > 0;
  // Read for the bill, not for the answer.
  for await (const _ of await client.messages.batches.results(batch.id));
  return { model, turnaroundMs: (Date.parse(batch.ended_at) - createdAt) * timeScale, ended: succeeded, syncMs };
}

async function syncLatency(client: Anthropic, params: Anthropic.MessageCreateParamsNonStreaming, timeScale: number) {
  const startedAt = performance.now();
  await client.messages.create(params);
  return (performance.now() - startedAt) * timeScale;
}

function messageOf(error: InstanceType<typeof Anthropic.APIError>): string {
  const { error: inner } = (error.error ?? {}) as { error?: { message?: string } };
  return inner?.message ?? error.message;
}
