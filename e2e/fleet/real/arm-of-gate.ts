import type { ArmId } from '@/e2e/fleet/experiment/arms';
import type { FleetUpstream } from '@/e2e/fleet/experiment/fleet-upstream';

/** One gate for all arms, whose runs are told apart by the arm. It is closed by whoever opened it. */
export function armOfGate(gate: FleetUpstream, arm: ArmId): FleetUpstream {
  const named = (run: string) => `${arm}-${run}`;
  return {
    url: gate.url,
    keyOf: (run) => gate.keyOf(named(run)),
    settle: () => gate.settle(),
    bill: (run) => gate.bill(named(run)),
    close: async () => undefined,
  };
}
