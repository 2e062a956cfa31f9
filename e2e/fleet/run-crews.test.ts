import { setMaxListeners } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';
import type { Role } from './agent';
import { fleetClient } from './experiment/fleet-client';
import type { Ask } from './lanes/ask';
import { askDirectly } from './lanes/ask-directly';
import { batchByWindow } from './lanes/batch-by-window';
import { batchOneByOne } from './lanes/batch-one-by-one';
import { type AgentReport, type Crew, runCrews } from './run-crews';

const started: Simulator[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((simulator) => simulator.close()));
});

const worker: Role = {
  name: 'worker',
  model: 'claude-sonnet-5-5',
  toleranceMs: 600_000,
  tags: 'team=a',
  turns: 4,
  maxTokens: 400,
  outputTokens: null,
  stream: true,
  system: 'You work.',
  ownPrompt: true,
  cache: 'conversation',
};
const lead: Role = { ...worker, name: 'lead', turns: 2, stream: false };
const CREWS: Crew[] = [
  { role: lead, agents: 2, tasks: 2, restMs: [0, 5], subagents: { role: { ...worker, name: 'sub' }, count: 3 } },
  { role: worker, agents: 4, tasks: 1, restMs: [0, 5] },
];

async function run(
  wayOf: (simulator: Simulator, signal: AbortSignal) => Ask,
  seed = 1,
  signal = new AbortController().signal,
) {
  setMaxListeners(0, signal);
  const simulator = await startSimulator({ quiet: true, seed, timeScale: 20_000, rateLimits: 'off' });
  started.push(simulator);
  const ask = wayOf(simulator, signal);
  return { simulator, reports: await runCrews(CREWS, { seed, askAs: () => ask, signal }) };
}

const client = (simulator: Simulator) => fleetClient(simulator.url, 'sk-simulated');
const direct = (simulator: Simulator) => askDirectly(client(simulator));
const tally = { polls: 0 };
const said = (reports: readonly AgentReport[]) =>
  reports.map(({ role, state, turns }) => [role, state, turns.map(({ text }) => text)]);

it('the same agents with the same seed say the same, whatever answers them; another seed says something else', async () => {
  const sync = await run(direct);
  expect(sync.reports).toHaveLength(2 + 6 + 4);
  expect(new Set(sync.reports.map(({ state, error }) => error ?? state))).toEqual(new Set(['done']));
  expect(sync.reports.every(({ turns }) => turns.length > 1)).toBe(true);
  const again = await run(direct);
  const alone = await run((simulator) => batchOneByOne(client(simulator), { pollMs: 5, tally }));
  const pooled = await run((simulator, signal) =>
    batchByWindow(client(simulator), { windowMs: 20, pollMs: 5, tally, signal }),
  );
  expect(said(again.reports)).toEqual(said(sync.reports));
  expect(said(alone.reports)).toEqual(said(sync.reports));
  expect(said(pooled.reports)).toEqual(said(sync.reports));
  expect(said((await run(direct, 2)).reports)).not.toEqual(said(sync.reports));

  const turns = sync.reports.flatMap((report) => report.turns).length;
  const items = (simulator: Simulator) => simulator.batches().reduce((sum, { customIds }) => sum + customIds.length, 0);
  expect([alone.simulator.batches().length, items(alone.simulator)]).toEqual([turns, turns]);
  expect(items(pooled.simulator)).toBe(turns);
  expect(pooled.simulator.batches().length).toBeLessThan(turns);
  expect(alone.reports.flatMap((report) => report.turns.map(({ tier }) => tier))).toEqual(Array(turns).fill('batch'));
});

it('sends what Claude Code sends of its agents: a session for all, an id and a parent for sub-agents', async () => {
  const { simulator } = await run(direct);
  const sent = simulator.requests().map(({ headers }) => new Map(headers));
  const subs = sent.filter((headers) => headers.has('x-claude-code-agent-id'));
  expect(subs.length).toBeGreaterThan(0);
  expect(subs.length).toBeLessThan(sent.length);
  const sessions = new Set(sent.map((headers) => headers.get('x-claude-code-session-id')));
  expect(sessions.size).toBe(2 + 4);
  for (const headers of subs) {
    expect(headers.get('x-claude-code-parent-agent-id')).toMatch(/^lead-\d$/);
    expect(sessions).toContain(headers.get('x-claude-code-session-id'));
  }
  expect(new Set(subs.map((headers) => headers.get('x-claude-code-agent-id'))).size).toBe(6);
});

it('what is broken off is unfinished, what upstream refuses has failed', async () => {
  const stop = new AbortController();
  const hung = run(
    (simulator) => {
      simulator.setTurnaround({ fixedMs: 10 ** 12 });
      setTimeout(() => stop.abort(), 300);
      return batchOneByOne(client(simulator), { pollMs: 20, tally });
    },
    1,
    stop.signal,
  );
  const states = (reports: readonly AgentReport[]) => new Set(reports.map(({ state }) => state));
  expect(states((await hung).reports)).toEqual(new Set(['unfinished']));
  const refused = await run((simulator) => askDirectly(fleetClient(simulator.url, 'invalid')));
  expect(states(refused.reports)).toEqual(new Set(['failed']));
  expect(refused.reports[0]?.error).toContain('invalid x-api-key');
});
