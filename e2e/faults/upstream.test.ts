import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_KEY, startGateway, UPSTREAM_KEY } from '@/e2e/process/start-gateway';
import { startTwins, type Twins } from '@/e2e/sdk/twins';
import type { Fault } from '@/lib/simulator/fault-rule';

const WATCHDOG = { headersMs: 1_500, idleMs: 1_500 };

let twins: Twins;
beforeAll(async () => {
  twins = await startTwins({}, { watchdog: WATCHDOG });
});
afterEach(() => {
  for (const api of [twins.directApi, twins.hiddenApi]) api.clearFaults();
});
afterAll(() => twins?.close());

interface Seen {
  status: number;
  type: string;
  bytes: string;
  /** The connection broke before the answer's end. */
  cut: boolean;
  requestId: string | null;
}

function ask(origin: string, key: string, stream: boolean): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-api-key': key, 'anthropic-version': '2026-10-21', 'content-type': 'application/json' };
    let begun = false;
    const request = httpRequest(`${origin}/v1/messages`, { method: 'POST', headers, agent: false }, (response) => {
      begun = true;
      const chunks: Buffer[] = [];
      const { statusCode: status = 0, headers: got } = response;
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => undefined);
      response.on('close', () =>
        resolve({
          status,
          type: got['content-type'] ?? '',
          bytes: Buffer.concat(chunks)
            .toString('latin1')
            .replace(/(msg|req)_01\w{22}/g, '$1_<id>'),
          cut: !response.complete,
          requestId: (got['x-offpeak-request-id'] as string | undefined) ?? null,
        }),
      );
    });
    // After the headers it is the response that tells.
    request.on('error', (error) => begun || reject(error));
    request.end(
      JSON.stringify({
        model: 'claude-haiku-5-5',
        max_tokens: 400,
        stream,
        messages: [{ role: 'user', content: '[[sim:text=Hållö wörld, ünïcode 🌒 again and again and again]]' }],
      }),
    );
  });
}

/** Through Offpeak, with the log row that came of it and what the API made of it. */
async function askOffpeak(stream: boolean) {
  const since = twins.hiddenApi.requests().length;
  const seen = await ask(twins.gateway.origin, CLIENT_KEY, stream);
  const row = await twins.gateway.loggedAs(seen.requestId);
  const arrived = twins.hiddenApi.requests().slice(since);
  const entry = twins.hiddenApi.ledger().entries.find((one) => one.requestId === arrived.at(-1)?.requestId);
  return { seen, row, arrived, entry };
}

async function expectSameBytes(fault: Fault, stream = true) {
  for (const api of [twins.directApi, twins.hiddenApi]) api.addFault({ fault });
  const direct = await ask(twins.directApi.url, UPSTREAM_KEY, stream);
  const { seen, row, entry } = await askOffpeak(stream);
  expect({ ...seen, requestId: null }).toEqual(direct);
  return { seen, row, entry };
}

const SOUND: Fault[] = [
  { kind: 'split', sizes: [1] },
  { kind: 'split', sizes: [1, 2, 7] },
  { kind: 'drip', bytes: 500, everyMs: 5 },
  { kind: 'delay', ms: 100 },
  { kind: 'unknown', what: 'event' },
  { kind: 'unknown', what: 'usage_field' },
  { kind: 'unknown', what: 'block' },
  { kind: 'unknown', what: 'message_field' },
  { kind: 'malformed_sse', variant: 'comment' },
  { kind: 'malformed_sse', variant: 'crlf' },
  { kind: 'malformed_sse', variant: 'no_event_line' },
  { kind: 'malformed_sse', variant: 'bad_json' },
  { kind: 'malformed_sse', variant: 'invalid_utf8' },
  { kind: 'malformed_sse', variant: 'huge_line' },
];

describe('an odd but whole answer: the same bytes, and the bill is right', () => {
  it.each(SOUND)('stream with %j', async (fault) => {
    const { seen, row, entry } = await expectSameBytes(fault);
    expect(seen).toMatchObject({ status: 200, cut: false });
    expect(row).toMatchObject({ state: 'succeeded', error_type: null, estimated: false, unpriced: false });
    expect(row.usage).toMatchObject({
      input_tokens: entry?.usage?.input_tokens,
      output_tokens: entry?.usage?.output_tokens,
    });
    expect(row.cost_pico).toBe(entry?.costPicoUsd);
  });

  it.each(SOUND.filter((one) => one.kind !== 'malformed_sse' && !(one.kind === 'unknown' && one.what === 'event')))(
    'JSON with %j',
    async (fault) => {
      const { row, entry } = await expectSameBytes(fault, false);
      expect(row).toMatchObject({ state: 'succeeded', error_type: null, estimated: false, unpriced: false });
      expect(row.cost_pico).toBe(entry?.costPicoUsd);
    },
  );
});

describe('an answer that ends early: the same bytes until then, and the log says what it was', () => {
  it('a stream without its end', async () => {
    const { seen, row } = await expectSameBytes({ kind: 'truncate', after: 5 });
    expect(seen.cut).toBe(false);
    expect(row).toMatchObject({ state: 'failed', error_type: 'incomplete_stream', estimated: true });
    expect(Number(row.cost_pico)).toBeGreaterThan(0);
  });

  it('an error event', async () => {
    const { seen, row } = await expectSameBytes({ kind: 'stream_error', after: 4 });
    expect(seen.bytes).toContain('event: error');
    expect(row).toMatchObject({ state: 'failed', http_status: 200, error_type: 'overloaded_error', estimated: true });
  });

  it('a reset in a stream', async () => {
    const { seen, row } = await expectSameBytes({ kind: 'reset', when: 'mid_body', after: 4 });
    expect(seen.cut).toBe(true);
    expect(row).toMatchObject({ state: 'failed', error_type: 'api_error', estimated: true });
    expect(Number(row.cost_pico)).toBeGreaterThan(0);
  });

  it('a reset in a JSON body', async () => {
    const { seen, row } = await expectSameBytes({ kind: 'reset', when: 'mid_body' }, false);
    expect(seen.cut).toBe(true);
    expect(row).toMatchObject({ state: 'failed', error_type: 'api_error', usage: null });
  });

  it('half a JSON body', async () => {
    const { row } = await expectSameBytes({ kind: 'truncate' }, false);
    expect(row).toMatchObject({ state: 'failed', error_type: 'incomplete_body', usage: null });
  });
});

describe('an API that says nothing', () => {
  it('before its headers: 504 in the envelope, and no second try behind the caller’s back', async () => {
    twins.hiddenApi.addFault({ fault: { kind: 'silence', when: 'before_headers' } });
    for (const stream of [true, false]) {
      const { seen, row, arrived } = await askOffpeak(stream);
      expect(seen.status).toBe(504);
      expect(JSON.parse(seen.bytes)).toMatchObject({ type: 'error', error: { type: 'timeout_error' } });
      expect(row).toMatchObject({ state: 'failed', http_status: 504, error_type: 'timeout_error' });
      expect(arrived).toHaveLength(1);
    }
  });

  it('in the middle of a stream: an error event in the stream’s own terms, what was used is estimated', async () => {
    twins.hiddenApi.addFault({ fault: { kind: 'silence', when: 'mid_body', after: 4 } });
    const { seen, row } = await askOffpeak(true);
    expect([seen.status, seen.cut]).toEqual([200, false]);
    const [last = ''] = seen.bytes.trimEnd().split('\n\n').slice(-1);
    expect(last).toMatch(/^event: error\ndata: \{/);
    expect(JSON.parse(last.split('\ndata: ')[1] ?? '')).toMatchObject({
      type: 'error',
      error: { type: 'timeout_error' },
    });
    expect(row).toMatchObject({ state: 'failed', error_type: 'timeout_error', estimated: true });
    expect(Number(row.cost_pico)).toBeGreaterThan(0);
  });

  it('in the middle of a JSON body: the connection breaks, since no other end would be honest', async () => {
    twins.hiddenApi.addFault({ fault: { kind: 'silence', when: 'mid_body' } });
    const { seen, row } = await askOffpeak(false);
    expect([seen.status, seen.cut]).toEqual([200, true]);
    expect(row).toMatchObject({ state: 'failed', error_type: 'timeout_error' });
  });
});

describe('an API that cannot be reached', () => {
  it.each<[string, Fault]>([
    ['resets before any work', { kind: 'reset', when: 'before_work' }],
    ['resets after the work', { kind: 'reset', when: 'after_work' }],
  ])('%s: 502 in the envelope, sent once', async (_, fault) => {
    twins.hiddenApi.addFault({ fault });
    const { seen, row, arrived } = await askOffpeak(false);
    expect(seen.status).toBe(502);
    const answer = JSON.parse(seen.bytes) as { request_id: string };
    expect(answer).toMatchObject({ type: 'error', error: { type: 'api_error' }, request_id: seen.requestId });
    expect(row).toMatchObject({ state: 'failed', http_status: 502, error_type: 'api_error' });
    expect(arrived).toHaveLength(1);
  });

  it('refuses connections: 502, /readyz says it, and it is over with the next answer', async () => {
    const gateway = await startGateway({ upstreamUrl: 'http://127.0.0.1:1' });
    try {
      const seen = await ask(gateway.origin, CLIENT_KEY, true);
      expect([seen.status, seen.type]).toEqual([502, 'application/json']);
      expect(JSON.parse(seen.bytes)).toMatchObject({ error: { type: 'api_error' }, request_id: seen.requestId });
      expect(await (await fetch(`${gateway.origin}/readyz`)).json()).toMatchObject({ ready: true, upstream: 'down' });
      expect((await fetch(`${gateway.origin}/readyz?strict=1`)).status).toBe(503);
      expect(await gateway.loggedAs(seen.requestId)).toMatchObject({ state: 'failed', http_status: 502, usage: null });
    } finally {
      await gateway.close();
    }
  });
});
