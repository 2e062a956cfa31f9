import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitFor } from '@/e2e/process/wait-for';
import { ask, type LaneFleet, startLaneFleet, upstreamItems } from './lane-fleet';

let fleet: LaneFleet;
beforeEach(async (context) => {
  const graceMs = context.task.name.includes('leaves') ? 300 : 20_000;
  fleet = await startLaneFleet({ pacing: { graceMs } });
});
afterEach(() => fleet?.close());

const queueFor = (window: string) => fleet.publish({ default: { lane: 'batch', window, deadline: '1h' } });
const items = async () => {
  const rows = await fleet.gateway.database.pools.hot<
    { state: string; outcome: string | null; caller: string | null }[]
  >`
    select state, outcome, caller from items order by id`;
  return [...rows];
};

it('a caller that timed out gets the outcome of its first copy', async () => {
  await queueFor('0ms');
  const client = fleet.client({ maxRetries: 0 });
  await expect(
    client.messages.create(ask('once'), { timeout: 1_500, headers: { 'x-stainless-timeout': '600' } }),
  ).rejects.toThrow();
  await waitFor('the caller to be gone', async () => (await items())[0]?.caller === null);
  const again = client.messages.create(ask('once'), { headers: { 'x-stainless-retry-count': '1' } }).withResponse();
  await waitFor('the caller to be back', async () => (await items())[0]?.caller !== null);
  fleet.finishAll();
  const { response } = await again;
  expect(response.headers.get('x-offpeak-replayed')).toBe('true');
  expect(await items()).toHaveLength(1);
  expect(upstreamItems(fleet)).toBe(1);
});

const comeBacks = async () => {
  const [row] = await fleet.gateway.database.pools.hot<{ n: number }[]>`select sum(caller_epoch)::int as n from items`;
  return row?.n ?? 0;
};

it('two deliberate identical calls stay two', async () => {
  await queueFor('200ms');
  const client = fleet.client();
  const both = [client.messages.create(ask('twice')), client.messages.create(ask('twice'))];
  await waitFor('two items upstream', () => upstreamItems(fleet) === 2);
  fleet.finishAll();
  const [one, two] = await Promise.all(both);
  expect(one?.id).not.toBe(two?.id);
});

it('one that comes back after its answer gets it again, for nothing', async () => {
  await queueFor('0ms');
  const client = fleet.client();
  const first = client.messages.create(ask('replay'));
  await waitFor('a batch', () => fleet.simulator.batches().length === 1);
  fleet.finishAll();
  const { id } = await first;
  const again = await client.messages.create(ask('replay'), { headers: { 'x-stainless-retry-count': '1' } });
  expect(again.id).toBe(id);
  expect(upstreamItems(fleet)).toBe(1);
});

it('a storm of retries costs as many items as there were requests', async () => {
  await queueFor('300ms');
  const callers = 60;
  const client = fleet.client({ maxRetries: 3 });
  const calls = Array.from({ length: callers }, (_, i) =>
    client.messages.create(ask(`storm ${i % 6}`), { timeout: 1_200, headers: { 'x-stainless-timeout': '600' } }),
  );
  const all = Promise.all(calls);
  await waitFor('every item upstream', () => upstreamItems(fleet) === callers);
  await waitFor('every caller to have come back', async () => (await comeBacks()) >= callers);
  fleet.finishAll();
  const messages = await all;
  expect(new Set(messages.map(({ id }) => id)).size).toBe(callers);
  expect(await items()).toHaveLength(callers);
});

it('a caller that leaves before the batch is sent takes its call with it', async () => {
  await queueFor('10s');
  const left = fleet
    .client()
    .messages.create(ask('left'), { timeout: 1_500, headers: { 'x-stainless-timeout': '600' } });
  await expect(left).rejects.toThrow();
  await waitFor('the item to be dropped', async () => (await items())[0]?.outcome === 'dropped');
  const [row] = await fleet.gateway.logged(1);
  expect(row).toMatchObject({ state: 'aborted', error_type: 'dropped', cost_pico: '0' });
  expect(fleet.simulator.batches()).toHaveLength(0);
});
