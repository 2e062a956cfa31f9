import { startSimulatorProcess } from '@/e2e/process/start-simulator-process';
import { keyFingerprint } from '@/lib/simulator/authenticate';
import { derivedId } from '@/lib/simulator/identifiers';
import { shippedPriceBook } from '@/lib/store/prices';
import type { FleetUpstream } from './fleet-upstream';
import { bookUsage, emptyBill } from './upstream-bill';

const DAY_MS = 86_400_000;

/**
 * The simulator's law of turnaround without what differs from day to day, so that the arms and the scenarios of a run
 * can be compared. What is left: lognormal around 100 s, 4 % around 15 minutes, 0.3 % of hours; all of it invented.
 */
const TURNAROUND = { load: { daily: null, incidentsPerHour: 0 } };

export interface SimulationOptions {
  seed: number;
  timeScale: number;
  /** Over the simulator's own. */
  turnaround?: object;
}

/** A simulator of its own for one arm; each run has a workspace in it, with its own prompt caches. */
export async function startSimulatedUpstream(options: SimulationOptions): Promise<FleetUpstream> {
  const { seed, timeScale, turnaround = TURNAROUND } = options;
  const simulator = await startSimulatorProcess([
    ...['--seed', String(seed), '--time-scale', String(timeScale)],
    ...['--turnaround', JSON.stringify(turnaround), '--recorded-requests', '100', '--id-nonce', String(seed)],
  ]);
  const prices = shippedPriceBook();
  const workspaceOf = (run: string) => run.replaceAll('-', '');
  const keyOf = (run: string) => `sk-simulated-ws-${workspaceOf(run)}`;
  return {
    url: simulator.url,
    keyOf,
    async settle() {
      await simulator.advance((2 * DAY_MS) / timeScale);
    },
    async bill(run) {
      const bill = emptyBill();
      const key = keyFingerprint(keyOf(run));
      let listed = 0n;
      for (const entry of (await simulator.ledger()).entries) {
        if (entry.key !== key || !entry.billed) continue;
        bookUsage(bill, prices, entry.model, entry.usage, entry.at);
        listed += BigInt(entry.costPicoUsd ?? 0);
      }
      if (listed !== bill.costPico)
        throw new Error(`the simulator’s ledger of ${run} has another total than the report`);
      const workspace = derivedId('wrkspc', workspaceOf(run));
      bill.batches = (await simulator.batches()).filter((batch) => batch.workspace === workspace).length;
      return bill;
    },
    close: () => simulator.kill(),
  };
}
