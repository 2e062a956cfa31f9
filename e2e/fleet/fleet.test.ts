import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Child, removeAtExit } from '@/e2e/process/child';
import { PRODUCT } from '@/e2e/process/ensure-build';
import { CLIENT_KEY, startGateway } from '@/e2e/process/start-gateway';
import { formatUsd, parseUsd } from '@/lib/core/money';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';
import { currentPolicy, publishPolicy } from '@/lib/store/policies';
import { ARMS, type ArmId } from './experiment/arms';
import { fleetClient } from './experiment/fleet-client';
import type { FleetUpstream } from './experiment/fleet-upstream';
import type { OffpeakArm } from './experiment/offpeak-arm';
import type { FleetResults } from './experiment/results';
import { runExperiment } from './experiment/run-experiment';
import { SCENARIOS, type Scenario } from './experiment/scenarios';
import { readFleetFlags } from './fleet-flags';
import { askDirectly } from './lanes/ask-directly';
import { armOfGate } from './real/arm-of-gate';
import { openSpendingGate } from './real/spending-gate';
import type { Terminal } from './real/terminal';
import { htmlReport } from './report/html-report';
import { markdownReport } from './report/markdown-report';
import { runFleet } from './run-fleet';

const started: Simulator[] = [];
afterAll(async () => {
  await Promise.all(started.map((simulator) => simulator.close()));
});
const TIME_SCALE = 60;
const LITTLE = 'fleet-20';
const SETTLE = { settleMs: 10_000, settleEveryMs: 50 };

async function officialLike(timeScale: number): Promise<Simulator> {
  const simulator = await startSimulator({
    quiet: true,
    timeScale,
    turnaround: {
      load: { daily: null, diurnalSwing: 0, incidentsPerHour: 0, incidentMultiplier: 1, incidentMs: 1, schedule: null },
    },
  });
  started.push(simulator);
  return simulator;
}

/** The gateway with its lane in this process: the same code as in the product's, started in a second. */
async function offpeakHere(upstream: FleetUpstream): Promise<OffpeakArm> {
  const gateway = await startGateway({
    upstreamUrl: upstream.url,
    env: { ANTHROPIC_API_KEY: upstream.keyOf(LITTLE) },
    lane: {},
  });
  const { admin } = gateway.deps.pools;
  let closed: Promise<void> | null = null;
  return {
    askAs: async () => askDirectly(fleetClient(gateway.origin, CLIENT_KEY)),
    async publish(document, note) {
      const { version } = await currentPolicy(admin);
      await publishPolicy(admin, { document, note, author: 'test', baseVersion: version });
      await gateway.deps.announce('policy');
    },
    stop() {
      closed ??= gateway.close();
      return closed;
    },
  };
}

it('in little, through the spending gate: every way gives the same answers, and the report’s bill is upstream’s own', async () => {
  const simulator = await officialLike(TIME_SCALE);
  const gate = await openSpendingGate({
    ...SETTLE,
    origin: simulator.url,
    apiKey: 'sk-ant-posing',
    capPico: 10n ** 13n,
  });
  const [crew] = SCENARIOS['fleet-20'].crews;
  if (!crew) throw new Error('the fleet has no crew');
  const little: Scenario = {
    ...SCENARIOS['fleet-20'],
    patienceMs: 3 * 3_600_000,
    crews: [{ ...crew, agents: 5, role: { ...crew.role, turns: 2, toleranceMs: 20 * 60_000 } }],
  };
  const results = await runExperiment({
    phases: [[little]],
    arms: ARMS,
    seed: 1,
    timeScale: TIME_SCALE,
    isSimulated: true,
    offpeakOf: offpeakHere,
    upstreamOf: async (arm) => armOfGate(gate, arm),
    tell: () => undefined,
  });
  await gate.close();

  const arms = new Map(results.scenarios[0]?.arms.map((arm) => [arm.arm, arm]));
  const arm = (id: ArmId) => {
    const found = arms.get(id);
    if (!found) throw new Error(`nothing is told of ${id}`);
    return found;
  };
  for (const id of ARMS) {
    expect([id, arm(id).agents.done, arm(id).turns.count, arm(id).error]).toEqual([id, 5, 10, null]);
  }
  expect([arm('sync').batches, arm('sync').calls.sync]).toEqual([0, 10]);
  expect([arm('one-by-one').batches, arm('one-by-one').calls.batch]).toEqual([10, 10]);
  expect(arm('by-window').batches).toBeLessThan(10);
  const sync = parseUsd(arm('sync').costUsd) ?? 0n;
  expect(parseUsd(arm('one-by-one').costUsd)).toBe(sync / 2n);
  expect(parseUsd(arm('by-window').costUsd)).toBe(sync / 2n);
  const { bookedPico, heldPico } = gate.spending;
  expect(heldPico).toBe(0n);
  const told = ARMS.map((id) => arm(id).costUsd);
  expect(formatUsd(told.reduce((sum, usd) => sum + (parseUsd(usd) ?? 0n), 0n))).toBe(formatUsd(bookedPico));
  expect(String(bookedPico)).toBe(simulator.ledger().totals.costPicoUsd);
  expectReports(results);
}, 240_000);

function expectReports(results: FleetResults): void {
  const html = htmlReport(results);
  expect(html).toContain('Simulated turnaround.');
  expect(html).not.toMatch(/https?:|<script|<link|@import|url\(/);
  expect(html.match(/<svg /g)).toHaveLength(2);
  const markdown = markdownReport(results);
  expect(markdown).toContain('The turnaround is simulated');
  expect(markdown).toContain(results.scenarios[0]?.title);
}

function scripted(...answers: string[]): { terminal: Terminal; said: string[] } {
  const said: string[] = [];
  const ask = async () => answers.shift() ?? null;
  return { said, terminal: { ask, say: (text) => void said.push(text), close: () => undefined } };
}

it('measures by model at an API that poses as the official one, within its cap, and gives intervals', async () => {
  const simulator = await officialLike(20_000);
  const out = await mkdtemp(join(tmpdir(), 'offpeak-measure-'));
  const { terminal, said } = scripted('sk-ant-posing', '1', 'yes');
  const world = { terminal, origin: simulator.url, now: () => new Date(), settle: SETTLE };
  const flags = { ...readFleetFlags(['--measure', '--real', '--every', '100ms', '--for', '2s']), out };
  expect(await runFleet(flags, world)).toBe(out);
  const results = JSON.parse(await readFile(join(out, 'turnaround.json'), 'utf8'));
  await rm(out, { recursive: true });
  expect(results.models.map(({ model }: { model: string }) => model)).toEqual([
    'claude-haiku-5-5',
    'claude-sonnet-5-5',
    'claude-opus-5-5',
  ]);
  for (const { n, p50, low, high } of results.models) {
    expect(n).toBe(20);
    expect(low).toBeLessThanOrEqual(p50);
    expect(high).toBeGreaterThanOrEqual(p50);
  }
  expect(['faster', 'slower', 'mixed', 'equal']).toContain(results.verdict.kind);
  expect(parseUsd(results.costUsd)).toBe(BigInt(simulator.ledger().totals.costPicoUsd));
  expect(said.join('\n')).toContain(results.verdict.sentence);
  expect(said.join('\n')).not.toContain('sk-ant-posing');
}, 90_000);

it('ends a measurement when its cap is reached, having spent no more', async () => {
  const simulator = await officialLike(20_000);
  const out = await mkdtemp(join(tmpdir(), 'offpeak-measure-'));
  const { terminal, said } = scripted('sk-ant-posing', 'yes');
  const world = { terminal, origin: simulator.url, now: () => new Date(), settle: SETTLE };
  const flags = { ...readFleetFlags(['--measure', '--real', '--every', '50ms', '--for', '5s', '--cap', '0.02']), out };
  await runFleet(flags, world);
  await rm(out, { recursive: true });
  expect(said.join('\n')).toContain('It ended early: You have reached the spending cap of this run.');
  expect(BigInt(simulator.ledger().totals.costPicoUsd)).toBeLessThanOrEqual(20_000_000_000n);
}, 90_000);

it.each<[string, string[]]>([
  ['no key', ['']],
  ['no yes', ['sk-ant-posing', '1', 'no']],
])('--real with %s sends nothing', async (_, answers) => {
  const simulator = await officialLike(1_000);
  const { terminal, said } = scripted(...answers);
  const world = { terminal, origin: simulator.url, now: () => new Date(), settle: SETTLE };
  expect(await runFleet(readFleetFlags(['--real']), world)).toBeNull();
  expect(said.at(-1)).toContain('nothing was sent');
  expect(simulator.requests()).toEqual([]);
});

it('the command does not take a key from the environment, and tells a bad flag in one sentence', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offpeak-fleet-'));
  removeAtExit(folder);
  const run = async (...args: string[]) => {
    const env = { ANTHROPIC_API_KEY: 'sk-ant-of-the-shell', ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' };
    const child = new Child({ args: ['--import', 'tsx', 'e2e/fleet/fleet.ts', ...args], cwd: PRODUCT, env });
    const { code } = await child.exited;
    return { code, said: child.stdout };
  };
  // Nobody is at stdin: without an answer there is no key.
  const real = await run('--real', '--out', folder);
  expect(real.code).toBe(1);
  expect(real.said).toContain('No key was given; nothing was sent.');
  expect(real.said).not.toContain('sk-ant-of-the-shell');
  const bad = await run('--scenario=two');
  expect(bad).toEqual({ code: 1, said: expect.stringMatching(/^There is no scenario two; there are: [^\n]+\n$/) });
}, 60_000);
