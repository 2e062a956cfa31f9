import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rawHttp } from '@/e2e/process/raw-http';
import { CLIENT_KEY } from '@/e2e/process/start-gateway';
import { waitFor } from '@/e2e/process/wait-for';
import { ask, type LaneFleet, startLaneFleet, upstreamItems } from './lane-fleet';

let fleet: LaneFleet;
beforeEach(async () => {
  fleet = await startLaneFleet({ hold: { signEveryMs: 150 } });
  await fleet.publish({ default: { lane: 'batch', window: '0ms', deadline: '1h' } });
});
afterEach(() => fleet?.close());

const batchThere = (count = 1) => waitFor('a batch upstream', () => fleet.simulator.batches().length >= count);

describe('a stream that waits', () => {
  it('gets its 200 and pings, then the whole message', async () => {
    const response = await fetch(`${fleet.gateway.origin}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': CLIENT_KEY, 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ ...ask('ping'), stream: true }),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    await batchThere();
    fleet.finishAll();
    const text = await response.text();
    expect(text.match(/event: ping/g)?.length).toBeGreaterThan(0);
    expect(text.trimEnd().endsWith('data: {"type":"message_stop"}')).toBe(true);
  });

  it('is read by the SDK like any other', async () => {
    const stream = fleet.client().messages.stream(ask('stream'));
    await batchThere();
    fleet.finishAll();
    const message = await stream.finalMessage();
    expect(message.content[0]?.type).toBe('text');
    expect(message.usage.service_tier).toBe('batch');
  });
});

describe('a JSON caller that waits', () => {
  it('is kept with spaces at its silence limit, and gets its message', async () => {
    const call = fleet.client({ timeout: 1_000 }).messages.create(ask('spaces'), { timeout: 1_000 }).withResponse();
    await batchThere();
    await waitFor('the early 200', () => fleet.gateway.deps.lane.held.committed > 0);
    fleet.finishAll();
    const { data, response } = await call;
    expect(response.status).toBe(200);
    expect(data.type).toBe('message');
  });

  it('sees its connection cut rather than an error object after an early 200', async () => {
    const call = fleet.client().messages.create(ask('[[sim:error=invalid_request_error]]'), { timeout: 1_000 });
    const outcome = call.then(
      () => 'a message',
      (error: unknown) => error,
    );
    await waitFor('the early 200', () => fleet.gateway.deps.lane.held.committed > 0);
    await batchThere();
    fleet.finishAll();
    expect(String(await outcome)).toMatch(/terminated|Connection error/);
  });

  it('gets the real status of an early failure', async () => {
    const call = fleet.client().messages.create(ask('[[sim:error=invalid_request_error]]'));
    const outcome = call.catch((error: unknown) => error);
    await batchThere();
    fleet.finishAll();
    expect(await outcome).toMatchObject({ status: 400, type: 'invalid_request_error' });
  });

  it('bears 102 Processing', async () => {
    const call = fleet.client().messages.create(ask('processing'));
    await batchThere();
    // Two signs of life go by.
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(fleet.gateway.deps.lane.held.committed).toBe(0);
    fleet.finishAll();
    expect((await call).type).toBe('message');
  });

  it('is sent 102 Processing when it is known to bear it', async () => {
    const body = JSON.stringify(ask('raw processing'));
    const { text } = await rawHttp(
      fleet.gateway.port,
      [
        'POST /v1/messages HTTP/1.1',
        'host: localhost',
        `x-api-key: ${CLIENT_KEY}`,
        'anthropic-version: 2023-06-01',
        'x-stainless-lang: js',
        'x-stainless-runtime: node',
        'x-stainless-timeout: 600',
        `content-length: ${body.length}`,
        '',
        body,
      ].join('\r\n'),
      (heard) => (heard.match(/HTTP\/1\.1 102 /g) ?? []).length >= 2,
    );
    expect(text.startsWith('HTTP/1.1 102 Processing')).toBe(true);
  });
});

describe('hand-over', () => {
  it.each([2, 10])('a client with %i retries comes back to its item', async (maxRetries) => {
    const client = fleet.client({ maxRetries, defaultHeaders: { 'x-offpeak-retries': String(maxRetries) } });
    const call = client.messages.create(ask('again'), { timeout: 1_500 });
    await waitFor('a hand-over', async () => (await handOvers()) > 0);
    fleet.finishAll();
    expect((await call).usage.service_tier).toBe('batch');
    expect(upstreamItems(fleet)).toBe(1);
  });

  it('works for streams as well', async () => {
    const client = fleet.client({ maxRetries: 2, defaultHeaders: { 'x-offpeak-retries': '2' } });
    const stream = client.messages.stream(ask('again, streamed'), { timeout: 1_500 });
    await waitFor('a hand-over', async () => (await handOvers()) > 0);
    fleet.finishAll();
    expect((await stream.finalMessage()).usage.service_tier).toBe('batch');
    expect(upstreamItems(fleet)).toBe(1);
  });

  it('is never told to a client that said that it will not come back', async () => {
    const call = fleet.client().messages.create(ask('patient'), { timeout: 1_500 });
    await waitFor('the early 200', () => fleet.gateway.deps.lane.held.committed > 0);
    expect(await handOvers()).toBe(0);
    fleet.finishAll();
    expect((await call).type).toBe('message');
  });
});

it('an unknown client is answered as well', async () => {
  const answer = fetch(`${fleet.gateway.origin}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': CLIENT_KEY, 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(ask('raw')),
  });
  await batchThere();
  fleet.finishAll();
  expect(await (await answer).json()).toMatchObject({ type: 'message' });
});

async function handOvers(): Promise<number> {
  const [row] = await fleet.gateway.database.pools.hot<{ n: number }[]>`
    select coalesce(sum(hand_overs), 0)::int as n from items`;
  return row?.n ?? 0;
}
