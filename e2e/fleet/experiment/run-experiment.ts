import { setMaxListeners } from 'node:events';
import { cpus } from 'node:os';
import { formatUsd } from '@/lib/core/money';
import { type ArmRun, runArm } from './arm-runs';
import { ARM_TITLES, type ArmId } from './arms';
import { everythingBatched, shippedPolicy } from './fleet-policies';
import type { FleetUpstream } from './fleet-upstream';
import { MEASURING_RUN, measureBeforehand } from './measure-beforehand';
import type { OffpeakArm } from './offpeak-arm';
import type { ArmResults, FleetResults, ScenarioResults } from './results';
import { modelsOf, type Scenario, scaleScenario } from './scenarios';
import { summariseRun } from './summarise-run';

export interface Experiment {
  /** Side by side within a phase, one phase after the other; a crowd has the machine to itself. */
  phases: readonly (readonly Scenario[])[];
  arms: readonly ArmId[];
  seed: number;
  /** What the upstream divides the API's time by; 1 for a real one. */
  timeScale: number;
  isSimulated: boolean;
  upstreamOf(arm: ArmId): Promise<FleetUpstream>;
  /** @param runs - whose calls must not share a batch. */
  offpeakOf(upstream: FleetUpstream, runs: readonly string[]): Promise<OffpeakArm>;
  /** One line of progress. */
  tell(line: string): void;
}

interface RunningArm {
  id: ArmId;
  upstream: FleetUpstream;
  offpeak: OffpeakArm | null;
  timeScale: number;
}

/** Without batches measured beforehand a fresh Offpeak would spend the whole run finding out. */
const MEASURING_PATIENCE_MS = 10 * 60_000;

/** Runs the same agents on every arm. @throws when an arm does not start; an agent that fails is part of the results. */
export async function runExperiment(experiment: Experiment): Promise<FleetResults> {
  const { phases, timeScale, tell } = experiment;
  const startedAt = new Date();
  const arms: RunningArm[] = [];
  try {
    const runs = [...phases.flat().map(({ id }) => id), MEASURING_RUN];
    tell('Starting …');
    const starts = await Promise.allSettled(experiment.arms.map((id) => startArm(id, experiment, runs)));
    for (const start of starts) if (start.status === 'fulfilled') arms.push(start.value);
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
    const measured = await prepare(arms, experiment);
    const told = new Map<string, ArmRun>();
    for (const phase of phases) {
      tell(`${phase.map(({ title }) => title).join('; ')} …`);
      const tasks = phase.flatMap((scenario) =>
        arms.map((arm) => async () => {
          told.set(`${arm.id} ${scenario.id}`, await runScenario(arm, scenario, experiment));
        }),
      );
      if (phase.some(({ isCrowd }) => isCrowd)) for (const task of tasks) await task();
      else await Promise.all(tasks.map((task) => task()));
    }
    tell('Reading the bills …');
    await Promise.all(arms.map(({ offpeak }) => offpeak?.stop()));
    await Promise.all(arms.map(({ upstream }) => upstream.settle()));
    const scenarios: ScenarioResults[] = [];
    for (const scenario of phases.flat()) scenarios.push(await resultsOf(scenario, arms, told, timeScale));
    return {
      isSimulated: experiment.isSimulated,
      timeScale,
      seed: experiment.seed,
      startedAt: startedAt.toISOString(),
      tookMs: Date.now() - startedAt.getTime(),
      machine: `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.version}`,
      measuring: await measuringBill(measured),
      scenarios,
    };
  } finally {
    await Promise.all(arms.map(({ offpeak }) => offpeak?.stop()));
    await Promise.all(arms.map(({ upstream }) => upstream.close()));
  }
}

async function resultsOf(
  { crews, ...scenario }: Scenario,
  arms: readonly RunningArm[],
  told: ReadonlyMap<string, ArmRun>,
  timeScale: number,
): Promise<ScenarioResults> {
  const ran = scaleScenario({ ...scenario, crews }, timeScale).crews;
  const results: ArmResults[] = [];
  for (const { id, upstream } of arms) {
    const run = told.get(`${id} ${scenario.id}`) ?? { reports: [], polls: null };
    results.push(summariseRun(id, ran, run, await upstream.bill(scenario.id), timeScale));
  }
  const { id, title, question, patienceMs } = scenario;
  return { id, title, question, patienceMs, arms: results };
}

async function startArm(id: ArmId, { upstreamOf, offpeakOf, timeScale }: Experiment, runs: readonly string[]) {
  const upstream = await upstreamOf(id);
  try {
    const isOffpeak = id === 'all-batch' || id === 'offpeak';
    return { id, upstream, timeScale, offpeak: isOffpeak ? await offpeakOf(upstream, runs) : null };
  } catch (error) {
    await upstream.close();
    throw error;
  }
}

/** @returns the arms that measured beforehand. */
async function prepare(arms: readonly RunningArm[], experiment: Experiment): Promise<RunningArm[]> {
  const { phases, isSimulated, timeScale, tell } = experiment;
  const patienceMs = MEASURING_PATIENCE_MS / timeScale;
  const measuring = arms.filter(({ offpeak }) => offpeak);
  if (measuring.length > 0) tell('Offpeak measures how long batches take …');
  await Promise.all(
    measuring.map(async ({ id, offpeak }) => {
      if (!offpeak) return;
      await measureBeforehand(offpeak, modelsOf(phases.flat()), { patienceMs, isSimulated });
      const policy = id === 'offpeak' ? shippedPolicy(timeScale) : everythingBatched(timeScale);
      await offpeak.publish(policy, ARM_TITLES[id].name);
    }),
  );
  return measuring;
}

async function measuringBill(arms: readonly RunningArm[]): Promise<FleetResults['measuring']> {
  if (arms.length === 0) return null;
  const bills = await Promise.all(arms.map(({ upstream }) => upstream.bill(MEASURING_RUN)));
  const sum = bills.reduce((total, { costPico }) => total + costPico, 0n);
  return { batches: bills.reduce((total, { batches }) => total + batches, 0), costUsd: formatUsd(sum) };
}

function runScenario(arm: RunningArm, scenario: Scenario, { seed, timeScale }: Experiment): Promise<ArmRun> {
  const { crews, patienceMs } = scaleScenario(scenario, timeScale);
  const signal = AbortSignal.timeout(patienceMs);
  setMaxListeners(0, signal);
  return runArm(arm, scenario.id, crews, { seed, signal });
}
