import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MODEL_CATALOG } from './model-catalog';
import { type Simulator, startSimulator } from './start-simulator';

let simulator: Simulator;
let client: Anthropic;
beforeAll(async () => {
  simulator = await startSimulator();
  client = new Anthropic({ apiKey: 'key-a', baseURL: simulator.url, maxRetries: 0 });
});
afterAll(() => simulator.close());

it('lists every model over pages, newest first', async () => {
  const ids: string[] = [];
  for await (const model of client.models.list({ limit: 4 })) ids.push(model.id);
  expect(ids).toEqual(MODEL_CATALOG.map((model) => model.id));
  const created = MODEL_CATALOG.map((model) => Date.parse(model.createdAt));
  expect(created).toEqual([...created].sort((a, b) => b - a));
});

it('retrieves by id and alias, and knows nothing else', async () => {
  const model = await client.models.retrieve('claude-haiku-4-5');
  expect(model).toMatchObject({ id: 'claude-haiku-4-5-20251001', type: 'model', line: 'haiku', max_tokens: 64_000 });
  expect(model.capabilities?.thinking.types).toMatchObject({
    enabled: { supported: true },
    adaptive: { supported: false },
  });
  await expect(client.models.retrieve('claude-2')).rejects.toMatchObject({ status: 404 });
});
