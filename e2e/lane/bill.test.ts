import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitFor } from '@/e2e/process/wait-for';
import { ask, type LaneFleet, startLaneFleet } from './lane-fleet';

let fleet: LaneFleet;
beforeEach(async () => {
  fleet = await startLaneFleet({ pacing: { mostEscalations: 32 } });
});
afterEach(() => fleet?.close());

const CALLS = 500;
const MODELS = ['claude-sonnet-5-5', 'claude-haiku-5-5', 'claude-opus-5-5'];
const CACHED = {
  type: 'text' as const,
  text: 'A long system prompt. '.repeat(400),
  cache_control: { type: 'ephemeral' as const },
};

/** A fifth each: synchronous, batched, batched and streamed, batched with a cached prefix, too short of time. */
function call(i: number): Promise<unknown> {
  const client = fleet.client({ maxRetries: 4 });
  const body = ask(`number ${i}`, { model: MODELS[i % MODELS.length] ?? '', max_tokens: 64 });
  const within = (tolerance: string) => ({ headers: { 'x-offpeak-tolerance': tolerance } });
  switch (i % 5) {
    case 0:
      return client.messages.create(body, within('interactive'));
    case 1:
      return client.messages.create(body, within('1h'));
    case 2:
      return client.messages.stream(body, within('1h')).finalMessage();
    case 3:
      return client.messages.create({ ...body, system: [CACHED] }, within('1h'));
    default:
      return client.messages.create(body, within('12s'));
  }
}

it('after 500 mixed calls with faults Offpeak’s total is upstream’s own, to the picodollar', async () => {
  await fleet.publish({ default: { lane: 'batch', window: '300ms' } });
  const { simulator, gateway } = fleet;
  simulator.addFault({
    endpoint: 'batch_create',
    times: 2,
    fault: { kind: 'item_errors', share: 0.2, type: 'api_error' },
  });
  simulator.addFault({ endpoint: 'batch_create', nth: 3, fault: { kind: 'reset', when: 'after_work' } });
  simulator.addFault({
    endpoint: 'batch_results',
    times: 2,
    fault: { kind: 'results', variant: 'truncate_mid_line', after: 3 },
  });
  simulator.addFault({ endpoint: 'batch_results', nth: 3, fault: { kind: 'results', variant: 'duplicate', after: 2 } });
  simulator.addFault({ endpoint: 'messages', probability: 0.03, fault: { kind: 'error', status: 529 } });
  const results = Promise.allSettled(Array.from({ length: CALLS }, (_, i) => call(i)));
  const finishing = setInterval(() => fleet.finishAll(), 1_500);
  const outcomes = await results.finally(() => clearInterval(finishing));
  fleet.finishAll();
  expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);

  const sql = gateway.database.pools.hot;
  await waitFor('every batch to be read', async () => {
    const [row] = await sql<
      { n: number }[]
    >`select count(*)::int as n from batches where state not in ('closed', 'void')`;
    return row?.n === 0;
  });
  await waitFor('every call in the log', async () => {
    const [row] = await sql<{ n: number }[]>`select count(*)::int as n from requests where state = 'succeeded'`;
    return row?.n === CALLS;
  });
  const { costPicoUsd } = simulator.ledger().totals;
  const [attempts] = await sql<{ total: string }[]>`select sum(cost_pico) as total from attempts`;
  const [requests] = await sql<{ total: string; waste: string; unpriced: number }[]>`
    select sum(cost_pico) as total, sum(waste_pico) as waste, count(*) filter (where unpriced)::int as unpriced
    from requests`;
  expect(requests?.unpriced).toBe(0);
  expect(attempts?.total).toBe(costPicoUsd);
  expect(requests?.total).toBe(costPicoUsd);
  const late = simulator.ledger().entries.filter((entry) => entry.billed && entry.kind === 'batch').length;
  expect(late).toBeGreaterThan(0);
}, 120_000);
