import type { Role } from '@/e2e/fleet/agent';
import type { ArmId } from '@/e2e/fleet/experiment/arms';
import type { Scenario } from '@/e2e/fleet/experiment/scenarios';
import { TOOLS } from '@/e2e/fleet/repository';
import type { Crew } from '@/e2e/fleet/run-crews';
import { shippedPriceBook } from '@/lib/store/prices';
import { worstCost } from './worst-cost';

export interface RunPlan {
  calls: number;
  /** If every call were as dear as it can be; the cap is what holds. */
  worstPico: bigint;
}

/** Longest text that the tools hand back, and what surrounds it. */
const TOOL_RESULT_BYTES = 1_000;
/** A token of an answer that the next turn sends back is seldom more bytes than this. */
const BYTES_PER_TOKEN = 6;

export function planRun(scenarios: readonly Scenario[], arms: readonly ArmId[], at: number): RunPlan {
  const plan = { calls: 0, worstPico: 0n };
  const book = shippedPriceBook();
  for (const { crews } of scenarios) {
    for (const [role, agents] of crews.flatMap(rolesWithAgents)) {
      for (let turn = 0; turn < role.turns; turn++) {
        const grown = turn * (role.maxTokens * BYTES_PER_TOKEN + TOOL_RESULT_BYTES);
        const body = {
          model: role.model,
          max_tokens: role.maxTokens,
          system: `${role.system ?? ''}${'x'.repeat(grown)}`,
          ...(role.turns > 1 && { tools: TOOLS }),
          ...(role.cache && { cache_control: {} }),
        };
        const [sync, batch] = [false, true].map((isBatch) => worstCost(book, body, { at, batch: isBatch }));
        for (const arm of arms) plan.worstPico += BigInt(agents) * worstOf(arm, sync ?? 0n, batch ?? 0n);
        plan.calls += agents * arms.length;
      }
    }
  }
  return plan;
}

/** Offpeak may pay for a batch and for the synchronous answer that overtook it. */
function worstOf(arm: ArmId, sync: bigint, batch: bigint): bigint {
  if (arm === 'sync') return sync;
  return arm === 'one-by-one' || arm === 'by-window' ? batch : sync + batch;
}

function rolesWithAgents({ role, agents, tasks, subagents }: Crew): [Role, number][] {
  return subagents
    ? [
        [role, agents * tasks],
        [subagents.role, agents * subagents.count],
      ]
    : [[role, agents * tasks]];
}
