import { afterEach, expect, it } from 'vitest';
import type { Role } from '@/e2e/fleet/agent';
import { askDirectly } from '@/e2e/fleet/lanes/ask-directly';
import { batchOneByOne } from '@/e2e/fleet/lanes/batch-one-by-one';
import { type Crew, runCrews } from '@/e2e/fleet/run-crews';
import { formatUsd, parseUsd } from '@/lib/core/money';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';
import { shippedPriceBook } from '@/lib/store/prices';
import { fleetClient } from './fleet-client';
import { summariseRun } from './summarise-run';
import { bookUsage, emptyBill, TOKEN_CATEGORIES } from './upstream-bill';

const started: Simulator[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((simulator) => simulator.close()));
});

const TIME_SCALE = 20_000;
const role = (over: Partial<Role>): Role => ({
  name: 'worker',
  model: 'claude-opus-5-5',
  toleranceMs: 60_000,
  tags: 'team=a',
  turns: 3,
  maxTokens: 300,
  outputTokens: 120,
  stream: false,
  ...over,
});

async function run(crews: Crew[], lane: 'sync' | 'one-by-one') {
  const simulator = await startSimulator({ quiet: true, timeScale: TIME_SCALE, rateLimits: 'off' });
  started.push(simulator);
  const client = fleetClient(simulator.url, 'sk-simulated');
  const ask = lane === 'sync' ? askDirectly(client) : batchOneByOne(client, { pollMs: 5, tally: { polls: 0 } });
  const reports = await runCrews(crews, { seed: 1, askAs: () => ask, signal: new AbortController().signal });
  const bill = emptyBill();
  const book = shippedPriceBook();
  for (const { model, usage, at } of simulator.ledger().entries) bookUsage(bill, book, model, usage, at);
  bill.batches = simulator.batches().length;
  return { results: summariseRun(lane, crews, { reports, polls: null }, bill, TIME_SCALE), simulator };
}

it('the report’s money is the simulator’s ledger to the picodollar, and its categories are the whole of it', async () => {
  const crews = [
    {
      role: role({ system: 'Long. '.repeat(3_000), cache: 'conversation' }),
      agents: 3,
      tasks: 1,
      restMs: [0, 0] as const,
    },
    {
      role: role({ name: 'small', model: 'claude-haiku-5-5', turns: 1 }),
      agents: 5,
      tasks: 2,
      restMs: [0, 0] as const,
    },
  ];
  for (const lane of ['sync', 'one-by-one'] as const) {
    const { results, simulator } = await run(crews, lane);
    const { costPicoUsd, cacheReadTokens } = simulator.ledger().totals;
    expect(results.costUsd).toBe(formatUsd(BigInt(costPicoUsd)));
    const parts = TOKEN_CATEGORIES.map((category) => parseUsd(results.costByCategory[category]) ?? 0n);
    expect(parts.reduce((sum, part) => sum + part)).toBe(BigInt(costPicoUsd));
    expect(cacheReadTokens > 0).toBe(results.costByCategory.cacheRead !== '0');
    expect(results.calls).toEqual(lane === 'sync' ? { sync: 19, batch: 0 } : { sync: 0, batch: 19 });
    expect(results.batches).toBe(lane === 'sync' ? 0 : 19);
    expect(results.roles.map((one) => [one.role, one.agents, one.turns.count])).toEqual([
      ['worker', 3, 9],
      ['small', 5, 10],
    ]);
  }
});

it('without a prompt cache a batched fleet costs exactly half', async () => {
  const crews = [{ role: role({}), agents: 4, tasks: 1, restMs: [0, 0] as const }];
  const [sync, batch] = [await run(crews, 'sync'), await run(crews, 'one-by-one')];
  expect(parseUsd(sync.results.costUsd)).toBe(2n * (parseUsd(batch.results.costUsd) ?? 0n));
});

it('late is what took longer than it may, and what never came', () => {
  const turn = (ms: number) => ({ startedAt: 0, ms, firstMs: null, lane: null, tier: 'batch', text: '' });
  const report = (state: 'done' | 'unfinished', ...ms: number[]) => ({
    role: 'worker',
    state,
    error: null,
    startedAt: 0,
    ms: 10,
    turns: ms.map(turn),
  });
  const crews = [{ role: role({ toleranceMs: 100 }), agents: 2, tasks: 1, restMs: [0, 0] as const }];
  const reports = [report('done', 99, 101), report('unfinished', 50)];
  const { deadlines, agents, turns } = summariseRun('by-window', crews, { reports, polls: 1 }, emptyBill(), 2);
  expect(deadlines).toEqual({ of: 4, late: 2 });
  expect(agents).toMatchObject({ count: 2, done: 1, unfinished: 1, failed: 0 });
  // Told in the API's time.
  expect(turns).toEqual({ count: 3, wall: { p50: 198, p95: 202, most: 202 } });
});
