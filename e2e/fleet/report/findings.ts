import type { ArmId } from '@/e2e/fleet/experiment/arms';
import {
  type ArmResults,
  callsPerBatch,
  type FleetResults,
  type ScenarioResults,
} from '@/e2e/fleet/experiment/results';
import type { ScenarioId } from '@/e2e/fleet/experiment/scenarios';
import { formatChange, formatCount, formatDollars, formatShare, formatSpan } from './format';
import { peopleOf } from './scenario-table';

/** What one scenario says, in a figure and a sentence; made of its numbers alone. */
export interface Finding {
  scenario: ScenarioId;
  figure: string;
  sentence: string;
}

type Arms = (arm: ArmId) => ArmResults | null;

/** Scenarios that did not run say nothing. */
export function findings(results: FleetResults): Finding[] {
  return results.scenarios.flatMap((scenario) => {
    const arms: Arms = (id) => scenario.arms.find(({ arm }) => arm === id) ?? null;
    const told = tell(scenario, arms);
    return told ? [{ scenario: scenario.id, ...told }] : [];
  });
}

function tell({ id }: ScenarioResults, arms: Arms): Omit<Finding, 'scenario'> | null {
  const [sync, batch, offpeak] = [arms('sync'), arms('all-batch'), arms('offpeak')];
  if (!sync || !offpeak) return null;
  const change = formatChange(offpeak.costUsd, sync.costUsd);
  switch (id) {
    case 'one':
      return {
        figure: `${formatSpan(batch?.agents.wall.p50 ?? null)} → ${formatSpan(offpeak.agents.wall.p50)}`,
        sentence: `Five turns in batches take one agent ${formatSpan(batch?.agents.wall.p50 ?? null)} and cost ${formatChange(batch?.costUsd ?? '0', sync.costUsd)} against all sync. ${offpeak.calls.batch === 0 ? 'The shipped policy does not batch an agent that did not say that it can wait' : 'With the shipped policy'}: ${formatSpan(offpeak.agents.wall.p50)}.`,
      };
    case 'one-waiting':
      return {
        figure: change,
        sentence: `Nobody waits for it and its turns say so: ${formatSpan(offpeak.agents.wall.p50)} at ${change} against all sync.`,
      };
    case 'mixed': {
      const [direct, through] = [peopleOf(sync), peopleOf(offpeak)];
      return {
        figure: change,
        sentence: `People wait ${formatSpan(through?.p50 ?? null)} (p95 ${formatSpan(through?.p95 ?? null)}) for an answer, ${formatSpan(direct?.p50 ?? null)} (${formatSpan(direct?.p95 ?? null)}) without any batching. The fleet beside them costs ${change} against all sync, and ${formatShare(offpeak.deadlines.of - offpeak.deadlines.late, offpeak.deadlines.of)} of its turns are in time.`,
      };
    }
    case 'cached': {
      const isLoss = Number(batch?.costUsd) > Number(sync.costUsd);
      return {
        figure: `${formatChange(batch?.costUsd ?? '0', sync.costUsd)} → ${change}`,
        sentence: `With every turn batched these loops cost ${formatDollars(batch?.costUsd ?? '0')} instead of ${formatDollars(sync.costUsd)}${isLoss ? ': what the cache would have read for a fraction is written anew' : ''}. With the shipped policy ${formatDollars(offpeak.costUsd)}: it sent ${formatShare(offpeak.calls.batch, offpeak.calls.batch + offpeak.calls.sync)} of the calls to batch.`,
      };
    }
    default:
      return {
        figure: change,
        sentence: `${offpeak.agents.count} agents: ${change} against all sync, with ${formatCount(callsPerBatch(offpeak))} calls per batch in ${formatCount(offpeak.batches)} batches (one for each call: ${formatCount(arms('one-by-one')?.batches ?? null)}), a turn in ${formatSpan(offpeak.turns.wall.p50)} (p95 ${formatSpan(offpeak.turns.wall.p95)}), ${formatShare(offpeak.deadlines.of - offpeak.deadlines.late, offpeak.deadlines.of)} of them in time.`,
      };
  }
}
