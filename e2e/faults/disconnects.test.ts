import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_KEY, type Gateway, startGateway } from '@/e2e/process/start-gateway';
import { waitFor } from '@/e2e/process/wait-for';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';

let api: Simulator;
let gateway: Gateway;
beforeAll(async () => {
  api = await startSimulator({ sync: { instant: true } });
  gateway = await startGateway({ upstreamUrl: api.url });
});
afterEach(() => api.clearFaults());
afterAll(async () => {
  await gateway?.close();
  await api?.close();
});

const HEADERS = { 'x-api-key': CLIENT_KEY, 'anthropic-version': '2026-10-21', 'content-type': 'application/json' };
const message = (call: string, stream = true) =>
  JSON.stringify({
    model: 'claude-haiku-5-5',
    max_tokens: 200,
    stream,
    metadata: { user_id: call },
    messages: [{ role: 'user', content: '[[sim:output=100]] go' }],
  });

function begin(call: string, { stream = true, origin = gateway.origin } = {}) {
  const headers = { ...HEADERS, 'x-offpeak-tags': `call=${call}` };
  const request = httpRequest(`${origin}/v1/messages`, { method: 'POST', headers, agent: false });
  request.on('error', () => undefined);
  const response = new Promise<IncomingMessage>((resolve) => request.on('response', resolve));
  const body = message(call, stream);
  return { request, response, body };
}

const rowOf = (call: string) =>
  waitFor(`the row of ${call}`, async () => (await gateway.logged(0)).find((row) => row.tags.call === call));
const inFlight = async () => (await gateway.deps.metrics.inFlight.get()).values[0]?.value;
const lastAborted = () => waitFor('upstream to be aborted', () => api.requests().at(-1)?.abortedByClient);

describe('a caller that hangs up', () => {
  it('while it sends its body: nothing goes upstream, the log says aborted', async () => {
    const since = api.requests().length;
    const { request, body } = begin('sending');
    request.setHeader('content-length', body.length);
    request.write(body.slice(0, 20));
    await waitFor('the call to be under way', async () => (await inFlight()) === 1);
    request.destroy();
    expect(await rowOf('sending')).toMatchObject({ state: 'aborted', http_status: null, usage: null });
    expect(api.requests().length).toBe(since);
  });

  it.each([true, false])(
    'before the headers (stream %s): upstream is aborted, nothing is billed to it',
    async (stream) => {
      api.addFault({ fault: { kind: 'silence', when: 'before_headers' } });
      const call = `before-${stream}`;
      const since = api.requests().length;
      const { request, body } = begin(call, { stream });
      request.end(body);
      await waitFor('the call upstream', () => api.requests().length > since);
      request.destroy();
      await lastAborted();
      expect(await rowOf(call)).toMatchObject({ state: 'aborted', http_status: null, usage: null, cost_pico: '0' });
    },
  );

  it('in the middle of a stream: upstream is aborted, what was made until then is booked as an estimate', async () => {
    api.addFault({ fault: { kind: 'silence', when: 'mid_body', after: 4 } });
    const { request, response, body } = begin('middle');
    request.end(body);
    for await (const chunk of await response) if (String(chunk).includes('content_block_delta')) break;
    request.destroy();
    await lastAborted();
    const row = await rowOf('middle');
    const entry = api.ledger().entries.find((one) => one.requestId === api.requests().at(-1)?.requestId);
    expect(row).toMatchObject({ state: 'aborted', http_status: 200, estimated: true });
    expect(row.usage).toMatchObject({ input_tokens: entry?.usage?.input_tokens });
    expect(Number(row.usage?.output_tokens)).toBeGreaterThan(0);
    expect(Number(row.cost_pico)).toBeGreaterThan(0);
  });

  it('right after the last byte it needs is a success', async () => {
    const { request, response, body } = begin('enough');
    request.end(body);
    let text = '';
    for await (const chunk of await response) {
      text += String(chunk);
      if (text.includes('event: message_stop')) break;
    }
    request.destroy();
    expect(await rowOf('enough')).toMatchObject({ state: 'succeeded', estimated: false });
  });

  it('at any moment, a hundred of them: every one has its row, no call stays open on either side', async () => {
    api.addFault({ fault: { kind: 'drip', bytes: 120, everyMs: 2 } });
    const calls = Array.from({ length: 100 }, (_, index) => `random-${index}`);
    await Promise.all(
      calls.map(async (call, index) => {
        const { request, body } = begin(call, { stream: index % 3 !== 0 });
        request.end(body);
        // Spread over the whole life of a call; which moment each one hits is its own affair.
        await pause(index);
        request.destroy();
      }),
    );
    await waitFor('all calls to be over', async () => (await inFlight()) === 0);
    const rows = await waitFor('their rows', async () => {
      const found = (await gateway.logged(0)).filter((row) => row.tags.call?.startsWith('random-'));
      // One that left before its headers had arrived was never a call.
      return gateway.deps.spool.shipper.pending === 0 && found;
    });
    expect(new Set(rows.map((row) => row.tags.call)).size).toBe(rows.length);
    expect(rows.filter((row) => row.state !== 'aborted' && row.state !== 'succeeded')).toEqual([]);
    const reached = api.requests().flatMap((one) => (one.status === null || one.abortedByClient ? [one] : []));
    expect(reached.length).toBeGreaterThan(0);
    const known = new Set(rows.map((row) => row.tags.call));
    const upstream = api
      .requests({ bodies: true })
      .map((one) => /"user_id":"(random-\d+)"/.exec(Buffer.from(one.body ?? '', 'base64').toString())?.[1]);
    expect(upstream.filter((call) => call !== undefined && !known.has(call))).toEqual([]);
  });
});

it('a caller that does not read holds upstream back instead of filling memory, and hanging up ends it', async () => {
  const piece = Buffer.alloc(64 * 1024, 'x');
  let sent = 0;
  let over = false;
  const endless = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.on('close', () => {
      over = true;
    });
    const more = () => {
      while (!over) {
        sent += piece.length;
        if (!response.write(piece)) return void response.once('drain', more);
      }
    };
    more();
  });
  await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
  const upstreamUrl = `http://127.0.0.1:${(endless.address() as AddressInfo).port}`;
  const slow = await startGateway({ upstreamUrl, watchdog: { headersMs: 1_000, idleMs: 300 } });
  try {
    const { request, response, body } = begin('lazy', { origin: slow.origin });
    request.end(body);
    (await response).pause();
    let before = -1;
    await waitFor('upstream to stand still', async () => {
      const still = sent === before && sent > 0;
      before = sent;
      await pause(100);
      return still;
    });
    expect(sent).toBeLessThan(32 * 1024 * 1024);
    // Standing still is the caller's doing: the watchdog must not take it for a silent upstream.
    await pause(700);
    expect(over).toBe(false);
    request.destroy();
    await waitFor('upstream to be let go', () => over);
    const [row] = await slow.logged(1);
    expect(row).toMatchObject({ state: 'aborted', http_status: 200 });
  } finally {
    await slow.close();
    endless.closeAllConnections();
    endless.close();
  }
});
