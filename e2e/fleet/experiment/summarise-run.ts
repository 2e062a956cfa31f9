import type { Role } from '@/e2e/fleet/agent';
import type { AgentReport, Crew } from '@/e2e/fleet/run-crews';
import { formatUsd } from '@/lib/core/money';
import type { ArmRun } from './arm-runs';
import type { ArmId } from './arms';
import { type ArmResults, type RoleResults, spreadOf } from './results';
import { rolesOf } from './scenarios';
import { TOKEN_CATEGORIES, type UpstreamBill } from './upstream-bill';

/** @param crews - as they ran, in the wall clock's time; what is told is multiplied by `timeScale`. */
export function summariseRun(
  arm: ArmId,
  crews: readonly Crew[],
  { reports, polls }: ArmRun,
  bill: UpstreamBill,
  timeScale: number,
): ArmResults {
  const roles = rolesOf(crews).map((role) => ({
    role,
    reports: reports.filter((report) => report.role === role.name),
  }));
  const inState = (state: AgentReport['state']) => reports.filter((report) => report.state === state).length;
  const scaled = (ms: number) => Math.round(ms * timeScale);
  const turns = reports.flatMap((report) => report.turns);
  const deadlines = roles.map(({ role, reports: own }) => deadlinesOf(role, own));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    arm,
    agents: {
      count: reports.length,
      done: inState('done'),
      failed: inState('failed'),
      unfinished: inState('unfinished'),
      wall: spreadOf(reports.map(({ ms }) => scaled(ms))),
    },
    turns: { count: turns.length, wall: spreadOf(turns.map(({ ms }) => scaled(ms))) },
    deadlines: { of: sum(deadlines.map((one) => one.of)), late: sum(deadlines.map((one) => one.late)) },
    costUsd: formatUsd(bill.costPico),
    calls: { sync: bill.syncCalls, batch: bill.batchCalls },
    batches: bill.batches,
    polls,
    costByCategory: Object.fromEntries(
      TOKEN_CATEGORIES.map((category) => [category, formatUsd(bill.byCategory[category])]),
    ) as ArmResults['costByCategory'],
    roles: roles.map(({ role, reports: own }) => roleResults(role, own, scaled)),
    error: reports.find(({ error }) => error !== null)?.error ?? null,
  };
}

/** An agent that did not get to its end waits for an answer that never came: late, like one that came too late. */
function deadlinesOf({ toleranceMs }: Role, reports: readonly AgentReport[]) {
  if (toleranceMs === undefined) return { of: 0, late: 0 };
  const turns = reports.flatMap((report) => report.turns);
  const missing = reports.filter(({ state }) => state !== 'done').length;
  return { of: turns.length + missing, late: turns.filter(({ ms }) => ms > toleranceMs).length + missing };
}

function roleResults(role: Role, reports: readonly AgentReport[], scaled: (ms: number) => number): RoleResults {
  const turns = reports.flatMap((report) => report.turns);
  const turnMs = turns.map(({ ms }) => scaled(ms)).sort((a, b) => a - b);
  const [first] = reports;
  const since = (at: number) => scaled(at - (first?.turns[0]?.startedAt ?? 0));
  return {
    role: role.name,
    model: role.model,
    isInteractive: role.toleranceMs === undefined,
    agents: reports.length,
    turns: {
      count: turns.length,
      wall: spreadOf(turnMs),
      batched: turns.filter(({ tier }) => tier === 'batch').length,
    },
    first: spreadOf(turns.flatMap(({ firstMs }) => (firstMs === null ? [] : [scaled(firstMs)]))),
    turnMs,
    timeline: (first?.turns ?? []).map(({ startedAt, ms, tier }) => ({
      fromMs: since(startedAt),
      toMs: since(startedAt + ms),
      tier,
    })),
  };
}
