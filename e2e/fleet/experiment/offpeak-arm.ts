import type { Ask } from '@/e2e/fleet/lanes/ask';
import { askDirectly } from '@/e2e/fleet/lanes/ask-directly';
import { newOffpeak } from '@/e2e/process/start-offpeak';
import type { PolicyDocument } from '@/lib/core/policy/document';
import { fleetClient } from './fleet-client';
import type { FleetUpstream } from './fleet-upstream';

/** An Offpeak in front of one arm's upstream. */
export interface OffpeakArm {
  /** The way of a role's calls. */
  askAs(run: string, role: string): Promise<Ask>;
  publish(document: PolicyDocument, note: string): Promise<void>;
  /** May be called twice. */
  stop(): Promise<void>;
}

/**
 * As a user starts it, in a process and on data of its own.
 * @param runs - each has an upstream credential of its own, so that no batch and no prompt cache is shared by two.
 */
export async function startOffpeakArm(upstream: FleetUpstream, runs: readonly string[]): Promise<OffpeakArm> {
  const variableOf = (run: string) => `FLEET_KEY_OF_${run.replaceAll('-', '_').toUpperCase()}`;
  const offpeak = await newOffpeak({
    env: {
      OFFPEAK_UPSTREAM_URL: upstream.url,
      OFFPEAK_UPSTREAM_KEYS: runs.map((run) => `${run}=${variableOf(run)}`).join(','),
      ...Object.fromEntries(runs.map((run) => [variableOf(run), upstream.keyOf(run)])),
    },
  });
  await offpeak.start().catch(async (error: unknown) => {
    await offpeak.stop();
    throw error;
  });
  return {
    async askAs(run, role) {
      const { secret } = await offpeak.api.createKey({ name: `${run} ${role}`, upstream: run });
      return askDirectly(fleetClient(offpeak.origin, secret));
    },
    async publish(document, note) {
      const { version } = await offpeak.api.get<{ version: number }>('/api/policy');
      const answer = await offpeak.api.call('PUT', '/api/policy', { document, note, baseVersion: version });
      if (answer.status !== 200) throw new Error(`the policy was refused: ${JSON.stringify(answer.body)}`);
    },
    stop: () => offpeak.stop(),
  };
}
