import Anthropic from '@anthropic-ai/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault, FaultRule } from './fault-rule';
import { type Simulator, startSimulator } from './start-simulator';

let simulator: Simulator;
let client: Anthropic;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 4, sync: { instant: true }, turnaround: { fixedMs: 1 } });
  client = new Anthropic({ apiKey: 'key-a', baseURL: simulator.url, maxRetries: 0 });
});
afterEach(() => simulator.reset());
afterAll(() => simulator.close());

const body = {
  model: 'claude-sonnet-5-5',
  max_tokens: 300,
  messages: [{ role: 'user' as const, content: '[[sim:text=Hållö wörld, a longer text with ünïcode 🌒 in it]]' }],
};
const headers = { 'x-api-key': 'key-a', 'anthropic-version': '2026-10-21', 'content-type': 'application/json' };
const post = (stream: boolean, signal?: AbortSignal) =>
  fetch(`${simulator.url}/v1/messages`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ ...body, stream }),
    ...(signal === undefined ? {} : { signal }),
  });
const arm = (fault: Fault, rule: Omit<FaultRule, 'fault'> = {}) => simulator.addFault({ ...rule, fault });
const createBatch = (count = 1) =>
  client.messages.batches.create({
    requests: Array.from({ length: count }, (_, index) => ({ custom_id: `i${index}`, params: body })),
  });
const resultText = async (id: string) => {
  const response = await fetch(`${simulator.url}/v1/messages/batches/${id}/results`, { headers });
  return response.text();
};

describe('errors', () => {
  it('429 with and without retry-after, spend cap, 529, 500, HTML', async () => {
    arm({ kind: 'error', status: 429, retryAfterSeconds: 7 }, { nth: 1 });
    arm({ kind: 'error', status: 429, errorCode: 'enforced_spend_limit_reached' }, { nth: 2 });
    arm({ kind: 'error', status: 529 }, { nth: 3 });
    arm({ kind: 'error', status: 500 }, { nth: 4 });
    arm({ kind: 'error', status: 502, rawBody: '<html>' }, { nth: 5 });
    const limited = await post(false);
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
    const envelope = await limited.json();
    expect(envelope).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
    expect(envelope.request_id).toBe(limited.headers.get('request-id'));
    const capped = await post(false);
    expect([capped.status, capped.headers.get('retry-after')]).toEqual([429, null]);
    expect((await capped.json()).error.details).toEqual({ error_code: 'enforced_spend_limit_reached' });
    expect((await (await post(false)).json()).error.type).toBe('overloaded_error');
    expect((await (await post(false)).json()).error.type).toBe('api_error');
    expect(await (await post(false)).text()).toBe('<html>');
    expect((await post(false)).status).toBe(200);
    expect(simulator.ledger().totals).toMatchObject({ billed: 1, unbilled: 4 });
  });

  it('strikes by endpoint, model, stream, times and chance', async () => {
    arm({ kind: 'error', status: 500 }, { endpoint: 'count_tokens' });
    arm({ kind: 'error', status: 500 }, { model: 'claude-opus-5-5' });
    arm({ kind: 'error', status: 500 }, { stream: true, times: 1 });
    arm({ kind: 'error', status: 500 }, { key: 'key-b' });
    expect((await post(false)).status).toBe(200);
    expect((await post(true)).status).toBe(500);
    expect((await post(true)).status).toBe(200);
    simulator.clearFaults();
    arm({ kind: 'error', status: 500 }, { probability: 0.5 });
    let failed = 0;
    for (let index = 0; index < 40; index++) if ((await post(false)).status === 500) failed += 1;
    expect(failed).toBeGreaterThan(8);
    expect(failed).toBeLessThan(32);
  });
});

describe('connections', () => {
  it('resets before and after the work, and in the middle', async () => {
    arm({ kind: 'reset', when: 'before_work' }, { nth: 1 });
    arm({ kind: 'reset', when: 'after_work' }, { nth: 2 });
    arm({ kind: 'reset', when: 'mid_body' }, { nth: 3 });
    await expect(post(false)).rejects.toThrow('fetch failed');
    expect(simulator.ledger().totals.billed).toBe(0);
    await expect(post(false)).rejects.toThrow('fetch failed');
    expect(simulator.ledger().totals.billed).toBe(1);
    const response = await post(true);
    await expect(response.text()).rejects.toThrow();
    expect(simulator.ledger().entries.at(-1)?.outcome).toBe('broken');
    expect(simulator.requests().map((request) => request.abortedByClient)).toEqual([false, false, false]);
  });

  it('creates a batch and then resets', async () => {
    arm({ kind: 'reset', when: 'after_work' }, { endpoint: 'batch_create', times: 1 });
    await expect(createBatch()).rejects.toThrow(/Connection error/);
    expect((await client.messages.batches.list()).data).toHaveLength(1);
  });

  it('goes silent, before headers or in the middle', async () => {
    arm({ kind: 'silence', when: 'before_headers' }, { nth: 1 });
    arm({ kind: 'silence', when: 'mid_body' }, { nth: 2 });
    await expect(post(false, AbortSignal.timeout(60))).rejects.toThrow(/timeout/);
    const response = await post(true, AbortSignal.timeout(150));
    const reader = response.body!.getReader();
    const first = await reader.read();
    expect(new TextDecoder().decode(first.value)).toContain('message_start');
    await expect(
      (async () => {
        for (;;) if ((await reader.read()).done) return;
      })(),
    ).rejects.toThrow();
    await expect.poll(() => simulator.requests().map((request) => request.abortedByClient)).toEqual([true, true]);
  });

  it('delays headers and drips bodies', async () => {
    arm({ kind: 'delay', ms: 60 }, { nth: 1 });
    arm({ kind: 'drip', bytes: 300, everyMs: 5 }, { nth: 2 });
    const startedAt = performance.now();
    await post(false);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(55);
    expect((await (await post(false)).json()).content[0].text).toContain('🌒');
  });
});

describe('streams', () => {
  const final = () => client.messages.stream(body).finalMessage();

  it('truncates, errors in the middle, and survives odd events', async () => {
    arm({ kind: 'truncate' }, { nth: 1 });
    arm({ kind: 'stream_error', after: 4 }, { nth: 2 });
    arm({ kind: 'unknown', what: 'event' }, { nth: 3 });
    arm({ kind: 'malformed_sse', variant: 'crlf' }, { nth: 4 });
    arm({ kind: 'malformed_sse', variant: 'comment' }, { nth: 5 });
    arm({ kind: 'split', sizes: [1, 2, 7] }, { nth: 6 });
    arm({ kind: 'malformed_sse', variant: 'bad_json' }, { nth: 7 });
    arm({ kind: 'malformed_sse', variant: 'no_event_line' }, { nth: 8 });
    await expect(final()).rejects.toThrow(/stream ended/);
    await expect(final()).rejects.toThrow(/overloaded_error/);
    for (let nth = 3; nth <= 6; nth++) {
      const message = await final();
      expect(message.content[0]).toMatchObject({ text: 'Hållö wörld, a longer text with ünïcode 🌒 in it' });
    }
    await expect(final()).rejects.toThrow();
    await expect(final()).rejects.toThrow();
  });

  it('adds unknown fields and blocks', async () => {
    arm({ kind: 'unknown', what: 'usage_field' }, { nth: 1 });
    arm({ kind: 'unknown', what: 'block' }, { nth: 2 });
    arm({ kind: 'unknown', what: 'message_field' }, { nth: 3 });
    expect((await (await post(false)).json()).usage.constellation_tokens).toBe(7);
    expect((await (await post(false)).json()).content.at(-1).type).toBe('constellation');
    expect((await (await post(false)).json()).constellation).toEqual({ bright: true });
  });
});

describe('batches', () => {
  it('spoils results', async () => {
    const batch = await createBatch(6);
    await expect.poll(() => simulator.batches()[0]?.processing_status).toBe('ended');
    const fault = (variant: Extract<Fault, { kind: 'results' }>['variant'], nth: number) =>
      arm({ kind: 'results', variant, after: 2 }, { endpoint: 'batch_results', nth });
    fault('truncate_at_line', 1);
    fault('truncate_mid_line', 2);
    fault('blank_line', 3);
    fault('duplicate', 4);
    fault('foreign', 5);
    arm({ kind: 'reset', when: 'mid_body' }, { endpoint: 'batch_results', nth: 6 });
    expect((await resultText(batch.id)).split('\n')).toHaveLength(3);
    expect((await resultText(batch.id)).endsWith('\n')).toBe(false);
    expect((await resultText(batch.id)).split('\n')[2]).toBe('');
    expect((await resultText(batch.id)).match(/"custom_id"/g)).toHaveLength(7);
    expect(await resultText(batch.id)).toContain('somebody-elses-1');
    await expect(resultText(batch.id)).rejects.toThrow();
    expect((await resultText(batch.id)).match(/"custom_id"/g)).toHaveLength(6);
  });

  it('points results elsewhere, hides, never ends, fails a share', async () => {
    arm({ kind: 'results_url', origin: 'http://elsewhere.invalid' }, { endpoint: 'batch_retrieve' });
    arm({ kind: 'hide_batch', ms: 1_000 }, { endpoint: 'batch_create', nth: 1 });
    arm({ kind: 'never_ends' }, { endpoint: 'batch_create', nth: 2 });
    arm({ kind: 'item_errors', share: 0.5, type: 'api_error' }, { endpoint: 'batch_create', nth: 3 });
    const hidden = await createBatch();
    await expect(client.messages.batches.retrieve(hidden.id)).rejects.toMatchObject({ status: 404 });
    expect((await client.messages.batches.list()).data).toEqual([]);
    simulator.advance(1_000);
    const retrieved = await client.messages.batches.retrieve(hidden.id);
    expect(retrieved.results_url).toContain('http://elsewhere.invalid/v1/messages/batches/');
    const endless = await createBatch();
    simulator.advance(3_600_000);
    expect((await client.messages.batches.retrieve(endless.id)).processing_status).toBe('in_progress');
    const mixed = await createBatch(20);
    simulator.advance(1_000);
    const { request_counts: counts } = await client.messages.batches.retrieve(mixed.id);
    expect(counts.errored).toBeGreaterThan(2);
    expect(counts.succeeded).toBeGreaterThan(2);
  });
});
