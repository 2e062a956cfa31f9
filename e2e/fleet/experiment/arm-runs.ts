import type { Role } from '@/e2e/fleet/agent';
import type { Ask } from '@/e2e/fleet/lanes/ask';
import { askDirectly } from '@/e2e/fleet/lanes/ask-directly';
import { batchByWindow } from '@/e2e/fleet/lanes/batch-by-window';
import { batchOneByOne } from '@/e2e/fleet/lanes/batch-one-by-one';
import type { BatchTally } from '@/e2e/fleet/lanes/batch-watch';
import { type AgentReport, type Crew, runCrews } from '@/e2e/fleet/run-crews';
import type { ArmId } from './arms';
import { fleetClient } from './fleet-client';
import type { FleetUpstream } from './fleet-upstream';
import type { OffpeakArm } from './offpeak-arm';
import { rolesOf } from './scenarios';

/** Of the API's time: how often a wrapper asks for its batch, and how long a pool stays open. */
export const BASELINE = { pollMs: 30_000, windowMs: 30_000 } as const;

export interface ArmRun {
  reports: AgentReport[];
  /** Asked for batches; `null`: told for the whole arm only. */
  polls: number | null;
}

/** One scenario's agents on one arm, to their end or until `signal` aborts. */
export async function runArm(
  arm: { id: ArmId; upstream: FleetUpstream; offpeak: OffpeakArm | null; timeScale: number },
  run: string,
  crews: readonly Crew[],
  { seed, signal }: { seed: number; signal: AbortSignal },
): Promise<ArmRun> {
  const tally: BatchTally = { polls: 0 };
  const asks = new Map<string, Ask>();
  const client = fleetClient(arm.upstream.url, arm.upstream.keyOf(run));
  const pollMs = BASELINE.pollMs / arm.timeScale;
  const ways: Readonly<Record<ArmId, () => Ask | null>> = {
    sync: () => askDirectly(client),
    'one-by-one': () => batchOneByOne(client, { pollMs, tally }),
    'by-window': () => batchByWindow(client, { windowMs: BASELINE.windowMs / arm.timeScale, pollMs, tally, signal }),
    'all-batch': () => null,
    offpeak: () => null,
  };
  const one = ways[arm.id]();
  for (const { name } of rolesOf(crews)) {
    const ask = one ?? (await arm.offpeak?.askAs(run, name));
    if (ask) asks.set(name, ask);
  }
  const askAs = ({ name }: Role): Ask => {
    const ask = asks.get(name);
    if (!ask) throw new Error(`nobody asks as ${name}`);
    return ask;
  };
  const reports = await runCrews(crews, { seed, signal, askAs });
  return { reports, polls: arm.offpeak ? null : tally.polls };
}
