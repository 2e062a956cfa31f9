import Anthropic from '@anthropic-ai/sdk';
import { afterEach, expect, it } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from './start-simulator';

let simulator: Simulator;
let client: Anthropic;
afterEach(() => simulator.close());

async function start(options: SimulatorOptions = {}) {
  simulator = await startSimulator({ seed: 9, sync: { instant: true }, turnaround: { fixedMs: 60_000 }, ...options });
  client = new Anthropic({ apiKey: 'key-a', baseURL: simulator.url, maxRetries: 0 });
}

const LONG = 'A long and stable instruction. '.repeat(500);
const body = (turn: string, ttl: '5m' | '1h' = '5m', model = 'claude-sonnet-5-5') => ({
  model,
  max_tokens: 100,
  system: [{ type: 'text' as const, text: LONG, cache_control: { type: 'ephemeral' as const, ttl } }],
  messages: [{ role: 'user' as const, content: turn }],
});
const split = ({ usage }: Anthropic.Message) => ({
  input: usage.input_tokens,
  read: usage.cache_read_input_tokens,
  m5: usage.cache_creation?.ephemeral_5m_input_tokens,
  h1: usage.cache_creation?.ephemeral_1h_input_tokens,
});
/** 31 bytes × 500, at 13/40 tokens per byte. */
const PREFIX = Math.ceil((31 * 500 * 13) / 40);

it('writes, reads, refreshes and forgets', async () => {
  await start();
  const first = split(await client.messages.create(body('one')));
  expect(first).toMatchObject({ read: 0, m5: PREFIX, h1: 0 });
  simulator.advance(290_000);
  expect(split(await client.messages.create(body('two')))).toMatchObject({ read: PREFIX, m5: 0 });
  simulator.advance(290_000);
  expect(split(await client.messages.create(body('three')))).toMatchObject({ read: PREFIX, m5: 0 });
  simulator.advance(300_001);
  expect(split(await client.messages.create(body('four')))).toMatchObject({ read: 0, m5: PREFIX });
});

it('bills writes at 1.25 and 2 times the input, reads at the model’s own rate', async () => {
  await start();
  const write5m = await client.messages.create(body('one'));
  const read = await client.messages.create(body('two'));
  const write1h = await client.messages.create(body('one', '1h'));
  const cost = (message: Anthropic.Message) =>
    simulator.ledger().entries.find((entry) => entry.messageId === message.id)?.costPicoUsd;
  const rest = ({ usage }: Anthropic.Message) =>
    BigInt(usage.input_tokens) * 2_000_000n + BigInt(usage.output_tokens) * 10_000_000n;
  expect(cost(write5m)).toBe(String(rest(write5m) + BigInt(PREFIX) * 2_500_000n));
  expect(cost(read)).toBe(String(rest(read) + BigInt(PREFIX) * 100_000n));
  expect(cost(write1h)).toBe(String(rest(write1h) + BigInt(PREFIX) * 4_000_000n));
});

it('keeps caches apart by model, workspace and lane, and ignores short prefixes', async () => {
  await start();
  await client.messages.create(body('one'));
  expect(split(await client.messages.create(body('one', '5m', 'claude-opus-5-5'))).read).toBe(0);
  const other = new Anthropic({ apiKey: 'key-b', baseURL: simulator.url });
  expect(split(await other.messages.create(body('one'))).read).toBe(0);
  const short = { ...body('one'), system: [{ ...body('').system[0]!, text: 'Too short.' }] };
  expect(split(await client.messages.create(short))).toMatchObject({ read: 0, m5: 0 });
  const batch = await client.messages.batches.create({ requests: [{ custom_id: 'a', params: body('one') }] });
  simulator.finishBatch(batch.id);
  expect(simulator.ledger().entries.at(-1)?.usage?.cache_read_input_tokens).toBe(0);
});

it('follows a moving breakpoint through an agent loop', async () => {
  await start();
  const turn = (texts: string[]) =>
    client.messages.create({
      model: 'claude-sonnet-5-5',
      max_tokens: 50,
      cache_control: { type: 'ephemeral' },
      messages: texts.map((content, index) => ({
        role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
        content,
      })),
    });
  const first = split(await turn([LONG]));
  expect(first.input).toBe(0);
  const second = split(await turn([LONG, 'answer', 'next question']));
  expect(second.read).toBe(first.m5);
  expect(second.input).toBe(0);
  expect(second.m5).toBeGreaterThan(0);
});

it('hits in batches as often as the range says', async () => {
  await start({ cache: { batchHitRange: [0.6, 0.6] } });
  const prime = await client.messages.batches.create({ requests: [{ custom_id: 'p', params: body('p', '1h') }] });
  simulator.finishBatch(prime.id);
  simulator.advance(120_000);
  const requests = Array.from({ length: 200 }, (_, index) => ({
    custom_id: `i${index}`,
    params: body(`${index}`, '1h'),
  }));
  await client.messages.batches.create({ requests });
  simulator.advance(61_000);
  const hits = simulator.ledger().entries.filter((entry) => (entry.usage?.cache_read_input_tokens ?? 0) > 0).length;
  expect(hits).toBeGreaterThan(90);
  expect(hits).toBeLessThan(150);
});

it('shares lanes where configured', async () => {
  await start({ cache: { shareLanes: true, batchHitRange: [1, 1] } });
  await client.messages.create(body('one', '1h'));
  await client.messages.batches.create({ requests: [{ custom_id: 'a', params: body('one', '1h') }] });
  simulator.advance(61_000);
  expect(simulator.ledger().entries.at(-1)?.usage?.cache_read_input_tokens).toBe(PREFIX);
});
