import Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from './start-simulator';

let simulator: Simulator;
let client: Anthropic;

const DAY_MS = 24 * 3_600_000;

async function start(options: SimulatorOptions = {}) {
  simulator = await startSimulator({ seed: 3, sync: { instant: true }, turnaround: { fixedMs: 60_000 }, ...options });
  client = new Anthropic({ apiKey: 'key-a', baseURL: simulator.url, maxRetries: 0 });
}
beforeEach(() => start());
afterEach(() => simulator.close());

type Params = Anthropic.Messages.BatchCreateParams.Request['params'];
const params = (content = 'Hello', extra: object = {}): Params =>
  ({ model: 'claude-sonnet-5-5', max_tokens: 200, messages: [{ role: 'user', content }], ...extra }) as Params;
const create = (...all: Params[]) =>
  client.messages.batches.create({ requests: all.map((one, index) => ({ custom_id: `item-${index}`, params: one })) });

async function results(id: string) {
  const found = new Map<string, Anthropic.Messages.MessageBatchResult>();
  for await (const line of await client.messages.batches.results(id)) found.set(line.custom_id, line.result);
  return found;
}

describe('message batches', () => {
  it('runs a batch: zero counters until the end, then results on its own origin at half price', async () => {
    const created = await create(params('one'), params('two'));
    expect(created).toMatchObject({
      type: 'message_batch',
      processing_status: 'in_progress',
      request_counts: { processing: 2, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
      ended_at: null,
      results_url: null,
    });
    expect(created.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
    expect(Date.parse(created.expires_at) - Date.parse(created.created_at)).toBe(DAY_MS);
    simulator.advance(59_000);
    const waiting = await client.messages.batches.retrieve(created.id);
    expect(waiting).toMatchObject({
      processing_status: 'in_progress',
      request_counts: { processing: 2, succeeded: 0 },
    });
    await expect(client.messages.batches.results(created.id)).rejects.toThrow(/No batch `results_url`/);
    const early = await fetch(`${simulator.url}/v1/messages/batches/${created.id}/results`, {
      headers: { 'x-api-key': 'key-a', 'anthropic-version': '2023-06-01' },
    });
    expect(early.status).toBe(404);

    simulator.advance(2_000);
    const ended = await client.messages.batches.retrieve(created.id);
    expect(ended).toMatchObject({ processing_status: 'ended', request_counts: { processing: 0, succeeded: 2 } });
    expect(ended.results_url).toBe(`${simulator.url}/v1/messages/batches/${created.id}/results`);
    const found = await results(created.id);
    expect([...found.keys()].sort()).toEqual(['item-0', 'item-1']);
    const ledger = simulator.ledger();
    let sum = 0n;
    for (const [customId, result] of found) {
      if (result.type !== 'succeeded') throw new Error(result.type);
      const { usage, id } = result.message;
      expect(usage.service_tier).toBe('batch');
      const cost = BigInt(usage.input_tokens) * 1_000_000n + BigInt(usage.output_tokens) * 5_000_000n;
      sum += cost;
      expect(ledger.entries).toContainEqual(
        expect.objectContaining({
          kind: 'batch',
          batchId: created.id,
          customId,
          messageId: id,
          costPicoUsd: String(cost),
        }),
      );
    }
    expect(ledger.totals).toMatchObject({ billed: 2, batchPicoUsd: String(sum), syncPicoUsd: '0' });
  });

  it('judges items one by one, with the two-layer error, and bills none of the failed', async () => {
    const bad: [string, object][] = [
      ['stream', { stream: true }],
      ['speed', { speed: 'fast' }],
      ['max_tokens', { max_tokens: 0 }],
      ['fallbacks', { fallbacks: 'default' }],
      ['thread', { thread: { type: 'create' } }],
      ['store', { store: true }],
      ['cache_hint', { cache_hint: {} }],
      ['temperature', { temperature: 1 }],
      ['surprise', { surprise: 1 }],
    ];
    const batch = await create(
      params(),
      ...bad.map(([, extra]) => params('x', extra)),
      params('[[sim:error=api_error]]'),
    );
    simulator.advance(61_000);
    expect((await client.messages.batches.retrieve(batch.id)).request_counts).toMatchObject({
      succeeded: 1,
      errored: bad.length + 1,
    });
    const found = await results(batch.id);
    for (const [index, [field]] of bad.entries()) {
      const result = found.get(`item-${index + 1}`);
      if (result?.type !== 'errored') throw new Error(field);
      expect(result.error).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' }, request_id: null });
      expect(result.error.error.message).toContain(field);
    }
    expect(found.get(`item-${bad.length + 1}`)).toMatchObject({ error: { error: { type: 'api_error' } } });
    expect(simulator.ledger().totals).toMatchObject({ billed: 1, unbilled: bad.length + 1 });
  });

  it('refuses a bad envelope at once', async () => {
    const request = { custom_id: 'a', params: params() };
    const refused = (requests: unknown) =>
      expect(client.messages.batches.create({ requests: requests as never })).rejects;
    await refused([]).toThrow(/at least 1 item/);
    await refused([request, request]).toThrow(/duplicate/);
    await refused([{ ...request, custom_id: 'a.b' }]).toThrow(/pattern '\^\[a-zA-Z0-9_-\]\{1,64\}\$'/);
    await refused([{ ...request, surprise: 1 }]).toThrow(/Extra inputs are not permitted/);
    await refused([{ custom_id: 'a' }]).toThrow(/params: Field required/);
    await refused(Array.from({ length: 100_001 }, () => 0)).toMatchObject({ status: 413 });
  });

  it('lists newest first with both cursors', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) ids.unshift((await create(params(String(index)))).id);
    const page = async (query: Anthropic.Messages.BatchListParams) => {
      const { data, has_more } = await client.messages.batches.list(query);
      return [data.map((batch) => ids.indexOf(batch.id)), has_more];
    };
    expect(await page({})).toEqual([[0, 1, 2, 3, 4], false]);
    expect(await page({ limit: 2 })).toEqual([[0, 1], true]);
    expect(await page({ limit: 2, after_id: ids[1]! })).toEqual([[2, 3], true]);
    expect(await page({ limit: 2, before_id: ids[4]! })).toEqual([[2, 3], true]);
    expect(await page({ before_id: ids[1]! })).toEqual([[0], false]);
    const all: string[] = [];
    for await (const batch of client.messages.batches.list({ limit: 2 })) all.push(batch.id);
    expect(all).toEqual(ids);
    await expect(client.messages.batches.list({ limit: 1001 })).rejects.toMatchObject({ status: 400 });
    await expect(client.messages.batches.list({ after_id: 'nope' })).rejects.toMatchObject({ status: 400 });
  });

  it('hides batches from other workspaces', async () => {
    const batch = await create(params());
    const other = new Anthropic({ apiKey: 'key-b', baseURL: simulator.url, maxRetries: 0 });
    await expect(other.messages.batches.retrieve(batch.id)).rejects.toMatchObject({ status: 404 });
    await expect(other.messages.batches.cancel(batch.id)).rejects.toMatchObject({ status: 404 });
    expect((await other.messages.batches.list()).data).toEqual([]);
    const scoped = new Anthropic({
      apiKey: 'key-b',
      baseURL: simulator.url,
      defaultHeaders: { 'anthropic-workspace-id': simulator.batches()[0]!.workspace },
    });
    expect((await scoped.messages.batches.retrieve(batch.id)).id).toBe(batch.id);
  });

  it('cancels with a race, and deletes only what has ended', async () => {
    const batch = await create(...Array.from({ length: 20 }, (_, index) => params(String(index))));
    await expect(client.messages.batches.delete(batch.id)).rejects.toMatchObject({ status: 400 });
    simulator.advance(40_000);
    const canceling = await client.messages.batches.cancel(batch.id);
    expect(canceling.processing_status).toBe('canceling');
    expect(canceling.cancel_initiated_at).not.toBeNull();
    simulator.advance(15_000);
    const ended = await client.messages.batches.retrieve(batch.id);
    expect(ended.processing_status).toBe('ended');
    const { succeeded, canceled } = ended.request_counts;
    expect(succeeded).toBeGreaterThan(0);
    expect(canceled).toBeGreaterThan(0);
    expect(succeeded + canceled).toBe(20);
    const kinds = [...(await results(batch.id)).values()].map((result) => result.type);
    expect(kinds.filter((kind) => kind === 'succeeded')).toHaveLength(succeeded);
    expect(simulator.ledger().totals).toMatchObject({ billed: succeeded, unbilled: canceled });
    expect(await client.messages.batches.delete(batch.id)).toEqual({ id: batch.id, type: 'message_batch_deleted' });
    await expect(client.messages.batches.retrieve(batch.id)).rejects.toMatchObject({ status: 404 });
  });

  it('expires after 24 hours and archives after 29 days', async () => {
    simulator.setTurnaround({ fixedMs: null, draw: () => Number.POSITIVE_INFINITY });
    const batch = await create(...Array.from({ length: 6 }, (_, index) => params(String(index))));
    simulator.advance(DAY_MS + 1);
    const { request_counts: counts } = await client.messages.batches.retrieve(batch.id);
    expect(counts).toMatchObject({ succeeded: 5, expired: 1 });
    simulator.advance(28 * DAY_MS);
    const archived = await client.messages.batches.retrieve(batch.id);
    expect(archived).toMatchObject({ processing_status: 'ended', results_url: null });
    expect(archived.archived_at).not.toBeNull();
    const gone = await fetch(`${simulator.url}/v1/messages/batches/${batch.id}/results`, {
      headers: { 'x-api-key': 'key-a', 'anthropic-version': '2023-06-01' },
    });
    expect(gone.status).toBe(404);
  });

  it('can be ended by hand', async () => {
    const batch = await create(params());
    expect(simulator.finishBatch(batch.id)).toBe(true);
    expect((await client.messages.batches.retrieve(batch.id)).processing_status).toBe('ended');
    expect(simulator.finishBatch(batch.id)).toBe(false);
  });

  it('refuses what would overflow the queue', async () => {
    await simulator.close();
    await start({ rateLimits: 'start' });
    const requests = (prefix: string) =>
      Array.from({ length: 100_000 }, (_, index) => ({ custom_id: `${prefix}${index}`, params: {} }));
    const post = (prefix: string) =>
      fetch(`${simulator.url}/v1/messages/batches`, {
        method: 'POST',
        headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
        body: JSON.stringify({ requests: requests(prefix) }),
      });
    expect((await post('a')).status).toBe(200);
    expect((await post('b')).status).toBe(200);
    const full = await fetch(`${simulator.url}/v1/messages/batches`, {
      method: 'POST',
      headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
      body: JSON.stringify({ requests: [{ custom_id: 'one', params: {} }] }),
    });
    expect(full.status).toBe(429);
  });

  it('lets output-300k raise max_tokens, in batches only', async () => {
    const long = params('[[sim:output=200000]]', { max_tokens: 250_000 });
    const batch = await client.beta.messages.batches.create({
      betas: ['output-300k-2026-03-24'],
      requests: [{ custom_id: 'long', params: long as never }],
    });
    simulator.advance(61_000);
    const result = (await results(batch.id)).get('long');
    expect(result).toMatchObject({ type: 'succeeded', message: { usage: { output_tokens: 200_000 } } });
    await expect(client.messages.create({ ...long, stream: true } as never)).rejects.toThrow(/250000 > 128000/);
  });
});
