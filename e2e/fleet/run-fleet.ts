import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { formatUsd, PICO_PER_USD } from '@/lib/core/money';
import { probeBody } from '@/lib/core/probing';
import { shippedPriceBook } from '@/lib/store/prices';
import { ARMS } from './experiment/arms';
import { startOffpeakArm } from './experiment/offpeak-arm';
import { runExperiment } from './experiment/run-experiment';
import { SCENARIOS, type Scenario, type ScenarioId } from './experiment/scenarios';
import { startSimulatedUpstream } from './experiment/simulated-upstream';
import type { FleetFlags } from './fleet-flags';
import { measureModels } from './measure/measure-models';
import { type MeasureResults, measureHtml, measureMarkdown, measureText } from './measure/measure-report';
import { judgeModels } from './measure/model-verdict';
import { agreeToSpend } from './real/agree-to-spend';
import { armOfGate } from './real/arm-of-gate';
import { planRun } from './real/plan-run';
import { openSpendingGate, type SpendingGate } from './real/spending-gate';
import type { Terminal } from './real/terminal';
import { worstCost } from './real/worst-cost';
import { htmlReport } from './report/html-report';
import { markdownReport } from './report/markdown-report';
import { scenarioTable, textTable } from './report/scenario-table';

/** The only real API. */
export const OFFICIAL_ORIGIN = 'https://api.anthropic.com';

/** What a run does besides what its flags say. Only tests have another origin than the official one. */
export interface FleetWorld {
  terminal: Terminal;
  origin: string;
  now(): Date;
  /** How long what is under way is waited for when the run is over, and how often it is asked for. */
  settle: { settleMs: number; settleEveryMs: number };
}

/** Accurate enough, and the whole experiment takes minutes. */
const EXPERIMENT_SCALE = 20;
const MEASURE_SCALE = 360;
const MEASURE_CAP_PICO = PICO_PER_USD;

/** What may run side by side without one's load telling in another's times. */
const PHASES: readonly (readonly ScenarioId[])[] = [
  ['one', 'one-waiting', 'fleet-20', 'cached'],
  ['fleet-100'],
  ['mixed'],
  ['fleet-500'],
];

/** @returns the folder that holds the reports; `null`: nothing was run. */
export async function runFleet(flags: FleetFlags, world: FleetWorld): Promise<string | null> {
  return flags.mode === 'measure' ? measure(flags, world) : experiment(flags, world);
}

async function experiment(flags: FleetFlags, world: FleetWorld): Promise<string | null> {
  const { terminal } = world;
  const { isReal, seed } = flags;
  const phases = PHASES.map((phase) => phase.filter((id) => flags.scenarios.includes(id)).map((id) => SCENARIOS[id]))
    .filter((phase) => phase.length > 0)
    .map((phase) => (isReal ? phase.map(withoutDirectives) : phase));
  const plan = planRun(phases.flat(), ARMS, world.now().getTime());
  const titles = phases.flat().map(({ title }) => `  ${title}`);
  const gate = isReal
    ? await openRealGate(flags, world, {
        what: `This asks the real API for about ${plan.calls} messages, in ${ARMS.length} ways:\n${titles.join('\n')}`,
        worstPico: plan.worstPico,
      })
    : null;
  if (isReal && !gate) return null;
  const timeScale = isReal ? 1 : (flags.timeScale ?? EXPERIMENT_SCALE);
  if (!isReal) terminal.say(`The fleet, against the simulator; its time runs ${timeScale} times as fast.`);
  const results = await runExperiment({
    phases,
    arms: ARMS,
    seed,
    timeScale,
    isSimulated: !isReal,
    tell: (line) => terminal.say(line),
    offpeakOf: startOffpeakArm,
    upstreamOf: async (arm) => (gate ? armOfGate(gate, arm) : startSimulatedUpstream({ seed, timeScale })),
  }).finally(() => gate?.close());
  for (const scenario of results.scenarios) {
    terminal.say(`\n${scenario.title}\n${textTable(scenarioTable(scenario))}`);
  }
  const folder = await writeReports(flags.out, 'fleet', {
    html: htmlReport(results),
    md: markdownReport(results),
    json: `${JSON.stringify(results, null, 1)}\n`,
  });
  terminal.say(`\n${isReal ? spentLine(gate) : 'Simulated turnaround. For the real API: npm run fleet -- --real'}`);
  terminal.say(`Report: ${join(folder, 'fleet.html')}`);
  return folder;
}

async function measure(flags: FleetFlags, world: FleetWorld): Promise<string | null> {
  const { terminal } = world;
  const { isReal, models, forMs, everyMs, seed } = flags;
  const prices = shippedPriceBook();
  const rounds = Math.ceil(forMs / everyMs);
  const at = world.now();
  // A model without a price could cost anything.
  const worstOf = (model: string) =>
    [true, false].reduce((sum, batch) => sum + worstCost(prices, probeBody(model), { at: at.getTime(), batch }), 0n);
  const worstPico = models.reduce((sum, model) => sum + BigInt(rounds) * worstOf(model), 0n);
  const timeScale = isReal ? 1 : (flags.timeScale ?? MEASURE_SCALE);
  const simulator = isReal ? null : await startSimulatedUpstream({ seed, timeScale });
  const capPico = flags.capPico ?? MEASURE_CAP_PICO;
  try {
    const gate = simulator
      ? await openSpendingGate({
          ...world.settle,
          origin: simulator.url,
          apiKey: randomBytes(12).toString('hex'),
          capPico,
        })
      : await openRealGate(flags, world, {
          what: `This sends ${rounds} probes of each of ${models.join(', ')} to the real API: each a batch of one small request, and the same request by sync.`,
          worstPico,
        });
    if (!gate) return null;
    terminal.say(`Measuring ${models.join(', ')} …`);
    const results = await measureThrough(gate, { flags, timeScale, world }).finally(() => gate.close());
    terminal.say(`\n${measureText(results)}`);
    const folder = await writeReports(flags.out, 'turnaround', {
      html: measureHtml(results),
      md: measureMarkdown(results),
      json: `${JSON.stringify(results, null, 1)}\n`,
    });
    terminal.say(`Report: ${join(folder, 'turnaround.html')}`);
    return folder;
  } finally {
    await simulator?.close();
  }
}

async function measureThrough(
  gate: SpendingGate,
  { flags, timeScale, world }: { flags: FleetFlags; timeScale: number; world: FleetWorld },
): Promise<MeasureResults> {
  const { models, forMs, everyMs, isReal } = flags;
  const at = world.now();
  const all = Math.ceil(forMs / everyMs) * models.length;
  const { probes, stoppedBy } = await measureModels({
    upstream: gate,
    models,
    forMs,
    everyMs,
    timeScale,
    onProbe: (count) => count % Math.ceil(all / 10) === 0 && world.terminal.say(`${count} of ${all} probes are back`),
  });
  await gate.settle();
  const { bookedPico, heldPico, capPico } = gate.spending;
  return {
    ...judgeModels(probes, shippedPriceBook(), at),
    isSimulated: !isReal,
    timeScale,
    startedAt: at.toISOString(),
    forMs,
    everyMs,
    costUsd: formatUsd(bookedPico + heldPico),
    capUsd: formatUsd(capPico),
    stoppedBy,
  };
}

async function openRealGate(
  flags: FleetFlags,
  { terminal, origin, settle }: FleetWorld,
  plan: { what: string; worstPico: bigint },
): Promise<SpendingGate | null> {
  const agreement = await agreeToSpend(terminal, { ...plan, capPico: flags.capPico });
  return agreement && openSpendingGate({ ...settle, origin, ...agreement });
}

/** What orders the simulated model what to say would only puzzle a real one. */
function withoutDirectives(scenario: Scenario): Scenario {
  return {
    ...scenario,
    crews: scenario.crews.map((crew) => ({
      ...crew,
      role: { ...crew.role, outputTokens: null },
      ...(crew.subagents && { subagents: { ...crew.subagents, role: { ...crew.subagents.role, outputTokens: null } } }),
    })),
  };
}

function spentLine(gate: SpendingGate | null): string {
  if (!gate) return '';
  const { bookedPico, heldPico, capPico } = gate.spending;
  const held = heldPico > 0n ? `, and up to $${formatUsd(heldPico)} for calls whose cost is not known yet` : '';
  return `Spent: $${formatUsd(bookedPico)}${held}, of at most $${formatUsd(capPico)}.`;
}

async function writeReports(out: string, name: string, texts: Readonly<Record<'html' | 'md' | 'json', string>>) {
  const folder = resolve(out);
  await mkdir(folder, { recursive: true });
  for (const [ending, text] of Object.entries(texts)) await writeFile(join(folder, `${name}.${ending}`), text);
  return folder;
}
