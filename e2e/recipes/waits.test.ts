import { createAnthropic } from '@ai-sdk/anthropic';
import { ChatAnthropic } from '@langchain/anthropic';
import { generateText, streamText } from 'ai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '@/e2e/claude-code/virtual-clock';
import { type LaneFleet, startLaneFleet, upstreamItems } from '@/e2e/lane/lane-fleet';
import { CLIENT_KEY } from '@/e2e/process/start-gateway';
import { waitFor } from '@/e2e/process/wait-for';
import '@/e2e/process/patience';

const MODEL = 'claude-sonnet-5-5';
const STEP_MS = 5_000;

let clock: VirtualClock;
let fleet: LaneFleet;
beforeAll(async () => {
  clock = new VirtualClock();
  fleet = await startLaneFleet({ clock });
  await fleet.publish({ default: { lane: 'batch', window: '0ms', deadline: '2h' } });
});
afterAll(() => fleet?.close());

type Ask = (prompt: string, retries: number) => Promise<string>;

const langchain = (retries: number) =>
  new ChatAnthropic({
    model: MODEL,
    maxTokens: 64,
    apiKey: CLIENT_KEY,
    anthropicApiUrl: fleet.gateway.origin,
    maxRetries: retries,
    clientOptions: { defaultHeaders: { 'x-offpeak-retries': String(retries) } },
  });

// Its version for Node 20 refuses `citations: null` when a whole message has come, long after the wait.
const withoutNullCitations: typeof fetch = async (...asked) => {
  const response = await fetch(...asked);
  if (!response.headers.get('content-type')?.startsWith('application/json')) return response;
  const body = (await response.text()).replaceAll('"citations":null', '"citations":[]');
  return new Response(body, { status: response.status, headers: response.headers });
};

const aiSdk = (retries: number) =>
  createAnthropic({
    baseURL: `${fleet.gateway.origin}/v1`,
    apiKey: CLIENT_KEY,
    headers: { 'x-offpeak-retries': String(retries) },
    fetch: withoutNullCitations,
  })(MODEL);

const CLIENTS: [string, Ask][] = [
  ['LangChain', async (prompt, retries) => String((await langchain(retries).invoke(prompt)).content)],
  [
    'LangChain, streamed',
    async (prompt, retries) => {
      let text = '';
      for await (const { content } of await langchain(retries).stream(prompt)) text += content;
      return text;
    },
  ],
  [
    'the AI SDK',
    async (prompt, maxRetries) =>
      (await generateText({ model: aiSdk(maxRetries), maxOutputTokens: 64, maxRetries, prompt })).text,
  ],
  [
    'the AI SDK, streamed',
    async (prompt, maxRetries) =>
      streamText({ model: aiSdk(maxRetries), maxOutputTokens: 64, maxRetries, prompt }).text,
  ],
];

async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= STEP_MS) {
    clock.advance(STEP_MS);
    fleet.gateway.deps.lane.held.sweep();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function handOvers(): Promise<number> {
  const [row] = await fleet.gateway.database.pools.hot<{ n: number }[]>`
    select coalesce(sum(hand_overs), 0)::int as n from items`;
  return row?.n ?? 0;
}

describe.each(CLIENTS)('%s', (name, ask) => {
  it('bears a wait of ten minutes', async () => {
    const before = upstreamItems(fleet);
    const answer = ask(`${name} waits`, 0);
    await waitFor('its item upstream', () => upstreamItems(fleet) === before + 1);
    await pass(600_000);
    expect(fleet.gateway.deps.lane.held.committed).toBe(1);
    fleet.finishAll();
    expect((await answer).length).toBeGreaterThan(20);
    expect(upstreamItems(fleet)).toBe(before + 1);
  });

  it('comes back to its item when it is told to', async () => {
    const before = { items: upstreamItems(fleet), handOvers: await handOvers() };
    const answer = ask(`${name} comes back`, 2);
    await waitFor('its item upstream', () => upstreamItems(fleet) === before.items + 1);
    await pass(290_000);
    await waitFor('a hand-over', async () => (await handOvers()) > before.handOvers);
    await waitFor('it to be back', () => fleet.gateway.deps.lane.held.size === 1);
    fleet.finishAll();
    expect((await answer).length).toBeGreaterThan(20);
    expect(upstreamItems(fleet)).toBe(before.items + 1);
  });
});
