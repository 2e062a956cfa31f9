import Anthropic from '@anthropic-ai/sdk';
import { afterEach, expect, it } from 'vitest';
import { waitFor } from '@/e2e/process/wait-for';
import { type Simulator, type SimulatorOptions, startSimulator } from '@/lib/simulator/start-simulator';
import { shippedPriceBook } from '@/lib/store/prices';
import { openSpendingGate, type SpendingGate } from './spending-gate';
import { worstCost } from './worst-cost';

const KEY = 'sk-ant-the-real-one';
const CENT = 10_000_000_000n;
let simulator: Simulator;
let gate: SpendingGate;
afterEach(async () => {
  await gate?.close();
  await simulator?.close();
});

async function open(capPico: bigint, options: SimulatorOptions = {}): Promise<Anthropic> {
  simulator = await startSimulator({ quiet: true, sync: { instant: true }, ...options });
  gate = await openSpendingGate({
    origin: simulator.url,
    apiKey: KEY,
    capPico,
    settleMs: 5_000,
    settleEveryMs: 20,
  });
  return new Anthropic({ baseURL: gate.url, apiKey: gate.keyOf('run'), maxRetries: 0 });
}

const ask = (word: string, over: object = {}) => ({
  model: 'claude-sonnet-5-5',
  max_tokens: 400,
  messages: [{ role: 'user' as const, content: `Say ${word}. [[sim:output=100]]` }],
  ...over,
});
const billed = () => BigInt(simulator.ledger().totals.costPicoUsd);
function endAll(): void {
  for (const { id } of simulator.batches()) simulator.finishBatch(id);
}

it('never lets more be spent than the cap, however many ask at once, and says so once', async () => {
  const client = await open(3n * CENT);
  const calls = Array.from({ length: 60 }, (_, i) =>
    client.messages.create(ask(`number ${i}`, { stream: i % 2 === 0 })),
  );
  const outcomes = await Promise.allSettled(calls);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(60);
  for (const { reason } of refused) {
    expect(reason).toBeInstanceOf(Anthropic.BadRequestError);
    expect(String(reason)).toContain('spending cap');
  }
  // What was refused never left.
  expect(simulator.requests()).toHaveLength(60 - refused.length);
  await waitFor('the streams to be booked', () => gate.spending.heldPico === 0n);
  expect(billed()).toBeLessThanOrEqual(3n * CENT);
  expect(gate.spending.bookedPico).toBe(billed());
  expect((await gate.bill('run')).costPico).toBe(billed());
});

it('books what was really used, so that the cap lets as much through as it can pay', async () => {
  const client = await open(3n * CENT);
  let made = 0;
  for (; made < 200; made++) {
    const message = await client.messages.create(ask(`number ${made}`)).catch(() => null);
    if (!message) break;
  }
  expect(gate.spending).toMatchObject({ bookedPico: billed(), heldPico: 0n });
  // The worst of a single call is what stays unused, never the worst of all that were made.
  const worst = worstCost(shippedPriceBook(), ask('number 100'), { at: Date.now(), batch: false });
  expect(3n * CENT - billed()).toBeLessThan(worst);
  expect(BigInt(made) * worst).toBeGreaterThan(9n * CENT);
});

it('holds a batch at its worst until its results were read to the end', async () => {
  const client = await open(100n * CENT);
  const requests = Array.from({ length: 10 }, (_, i) => ({ custom_id: `item-${i}`, params: ask(`number ${i}`) }));
  const batch = await client.messages.batches.create({ requests });
  const held = gate.spending.heldPico;
  endAll();
  expect(held).toBeGreaterThan(billed());
  expect(gate.spending.bookedPico).toBe(0n);
  const ended = await client.messages.batches.retrieve(batch.id);
  expect(ended.results_url?.startsWith(gate.url)).toBe(true);
  let lines = 0;
  for await (const { result } of await client.messages.batches.results(batch.id))
    if (result.type === 'succeeded') lines++;
  expect(lines).toBe(10);
  await waitFor('the batch to be booked', () => gate.spending.heldPico === 0n);
  expect(gate.spending.bookedPico).toBe(billed());
  // Read once more, it is not paid once more.
  for await (const _ of await client.messages.batches.results(batch.id));
  expect(await gate.bill('run')).toMatchObject({ costPico: billed(), batchCalls: 10, syncCalls: 0, batches: 1 });
});

it('keeps the worst of what was cut off: nobody knows what it cost', async () => {
  const client = await open(100n * CENT);
  simulator.addFault({ endpoint: 'messages', fault: { kind: 'reset', when: 'mid_body' } });
  await expect(client.messages.stream(ask('cut')).finalMessage()).rejects.toThrow();
  simulator.addFault({ endpoint: 'batch_create', fault: { kind: 'reset', when: 'after_work' } });
  await expect(client.messages.batches.create({ requests: [{ custom_id: 'a', params: ask('b') }] })).rejects.toThrow();
  endAll();
  expect(billed()).toBeGreaterThan(0n);
  expect(gate.spending.heldPico).toBeGreaterThanOrEqual(billed());
});

it('when the run is over cancels what is open and reads what came back', async () => {
  const client = await open(100n * CENT, { turnaround: { fixedMs: 3_600_000, cancelMs: [10, 20] } });
  await client.messages.batches.create({ requests: [{ custom_id: 'a', params: ask('never waited for') }] });
  await gate.settle();
  expect(gate.spending.heldPico).toBe(0n);
  expect(gate.spending.bookedPico).toBe(billed());
});

it('shows the API the real key and nobody else', async () => {
  const client = await open(100n * CENT);
  await client.messages.create(ask('hello'), { headers: { 'x-offpeak-tolerance': '10m' } });
  const headers = new Map(simulator.requests()[0]?.headers ?? []);
  expect(headers.get('x-api-key')).toBe(KEY);
  expect([...headers.keys()].filter((name) => name.startsWith('x-offpeak'))).toEqual([]);
  const stranger = new Anthropic({ baseURL: gate.url, apiKey: 'sk-ant-somebody', maxRetries: 0 });
  await expect(stranger.messages.create(ask('hello'))).rejects.toThrow(Anthropic.AuthenticationError);
  expect(simulator.requests()).toHaveLength(1);
});

it.each<[string, object]>([
  ['a model without a price', { model: 'claude-of-tomorrow' }],
  [
    'content that is no text',
    {
      messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://x.test/a.png' } }] }],
    },
  ],
  ['tools that run at the API', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
  ['fast mode', { speed: 'fast' }],
])('does not send %s: its cost has no bound', async (_, over) => {
  const client = await open(100n * CENT);
  await expect(client.messages.create(ask('x', over))).rejects.toThrow(Anthropic.BadRequestError);
  expect(simulator.requests()).toHaveLength(0);
});

it('knows no other way to spend', async () => {
  await open(100n * CENT);
  const answer = await fetch(`${gate.url}/v1/complete`, {
    method: 'POST',
    headers: { 'x-api-key': gate.keyOf('run') },
    body: '{}',
  });
  expect(answer.status).toBe(404);
  expect(simulator.requests()).toHaveLength(0);
});
