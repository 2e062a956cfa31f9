import { request as httpRequest, type IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_KEY, type Gateway, startGateway, UPSTREAM_KEY } from '@/e2e/process/start-gateway';
import { type Offpeak, startOffpeak, stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';
import { withFault } from '@/e2e/process/with-fault';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { withoutTimes } from './twins';
import '@/e2e/process/patience';

let api: Simulator;
let database: TestDatabase;
let listener: Gateway;
let next: Offpeak;
beforeAll(async () => {
  api = await startSimulator({ sync: { instant: true } });
  database = await testDatabase();
  listener = await startGateway({ upstreamUrl: api.url });
  next = await startOffpeak({
    env: {
      OFFPEAK_DOOR: 'next',
      OFFPEAK_UPSTREAM_URL: api.url,
      ANTHROPIC_API_KEY: UPSTREAM_KEY,
      DATABASE_URL: database.url,
      OFFPEAK_API_KEY: CLIENT_KEY,
    },
  });
});
afterAll(async () => {
  await stopEveryOffpeak();
  await listener?.close();
  await database?.drop();
  await api?.close();
});

const BASE = { 'content-type': 'application/json', 'anthropic-version': '2026-10-21', 'x-api-key': CLIENT_KEY };
const message = (extra: Record<string, unknown> = {}) =>
  JSON.stringify({
    model: 'claude-haiku-5-5',
    max_tokens: 300,
    messages: [{ role: 'user', content: 'Grüße 🌍 [[sim:output=200]]' }],
    ...extra,
  });

interface Sent {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

function open(origin: string, { method = 'POST', path = '/v1/messages', headers = {}, body }: Sent) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest(origin + path, { method, headers: { ...BASE, ...headers }, agent: false }, resolve);
    request.on('error', reject);
    request.end(body);
  });
}

async function read(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Next names its own router's headers in `vary`: a word for caches, which keep none of these answers. */
const NOT_COMPARED = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'vary']);

/** Everything that a client can tell of an answer, with ids and times that read the same. */
async function answerOf(origin: string, sent: Sent) {
  const response = await open(origin, sent);
  const body = await read(response);
  const headers: [string, string][] = [];
  for (let at = 0; at + 1 < response.rawHeaders.length; at += 2) {
    const name = (response.rawHeaders[at] ?? '').toLowerCase();
    if (!NOT_COMPARED.has(name)) headers.push([name, response.rawHeaders[at + 1] ?? '']);
  }
  const answer = { status: response.statusCode, headers: headers.sort(), body: body.toString() };
  const text = JSON.stringify(withoutTimes(answer));
  return JSON.parse(
    text.replace(/(msg|req|toolu|msgbatch)_01\w{22}/g, '$1_<id>').replace(/opr_[-0-9a-f]{36}/g, 'opr_<id>'),
  ) as { status: number; headers: [string, string][]; body: string };
}

async function expectSame(sent: Sent) {
  const one = await answerOf(listener.origin, sent);
  expect(await answerOf(next.origin, sent)).toEqual(one);
  return one;
}

describe('both doors give the same status, headers and bytes', () => {
  it.each<[string, number, Sent]>([
    ['a message', 200, { body: message() }],
    ['a message to someone who accepts gzip', 200, { body: message(), headers: { 'accept-encoding': 'gzip, br' } }],
    ['a stream', 200, { body: message({ stream: true }) }],
    [
      'a stream to someone who accepts gzip',
      200,
      { body: message({ stream: true }), headers: { 'accept-encoding': 'gzip' } },
    ],
    ['a compressed request', 200, { body: gzipSync(message()), headers: { 'content-encoding': 'gzip' } }],
    ['a query', 200, { body: message(), path: '/v1/messages?beta=true&x=%2F' }],
    ['a count', 200, { body: message({ max_tokens: undefined }), path: '/v1/messages/count_tokens' }],
    ['models', 200, { method: 'GET', path: '/v1/models?limit=2' }],
    ['one model', 200, { method: 'GET', path: '/v1/models/claude-haiku-5-5' }],
    ['no batches', 200, { method: 'GET', path: '/v1/messages/batches' }],
    ['a batch of nobody', 404, { method: 'GET', path: '/v1/messages/batches/msgbatch_x' }],
    ['upstream’s 400', 400, { body: message({ max_tokens: -1 }) }],
    ['invalid JSON', 400, { body: '{' }],
    ['a malformed header', 400, { body: message(), headers: { 'x-offpeak-tolerance': 'soon' } }],
    ['no key', 401, { body: message(), headers: { 'x-api-key': '' } }],
    ['another path', 404, { method: 'GET', path: '/v1/files' }],
    ['another method', 405, { method: 'PUT', body: message() }],
    ['33 MB', 413, { body: Buffer.alloc(33 * 1024 * 1024, 0x20) }],
  ])('%s', async (_, status, sent) => {
    expect((await expectSame(sent)).status).toBe(status);
  });

  it.each([429, 500, 529])('upstream’s %i with its headers', async (status) => {
    const fault = { kind: 'error', status, retryAfterSeconds: 3 } as const;
    const { headers } = await withFault([api], { fault }, () => expectSame({ body: message() }));
    expect(headers).toContainEqual(['retry-after', '3']);
  });

  it('sends the same headers upstream', async () => {
    const seen = async (origin: string) => {
      const headers = { 'x-tomorrow': '1', 'anthropic-beta': 'files-api-2025-04-14', 'x-forwarded-for': '10.0.0.1' };
      await answerOf(origin, { body: message(), headers });
      const [request] = api.requests({ bodies: true }).slice(-1);
      const names = (request?.headers ?? []).map(([name, value]) => [name.toLowerCase(), value]);
      return {
        ...request,
        headers: names.filter(([name]) => name !== 'connection').sort(),
        at: 0,
        sequence: 0,
        requestId: '',
      };
    };
    expect(await seen(next.origin)).toEqual(await seen(listener.origin));
  });
});

describe.each([
  ['the listener', () => listener.origin],
  ['Next', () => next.origin],
])('through %s', (_, origin) => {
  it('the first byte of a stream arrives before upstream has finished, and hanging up aborts upstream', async () => {
    const fault = { kind: 'silence', when: 'mid_body', after: 3 } as const;
    await withFault([api], { fault }, async () => {
      const response = await open(origin(), { body: message({ stream: true }) });
      const first = await new Promise<Buffer>((resolve) => response.once('data', resolve));
      expect(first.toString()).toContain('event: message_start');
      expect(api.requests().at(-1)).toMatchObject({ status: null, abortedByClient: false });
      response.destroy();
      await waitFor('upstream to be aborted', () => api.requests().at(-1)?.abortedByClient);
    });
  });

  it('a broken answer stays visibly broken', async () => {
    await withFault([api], { fault: { kind: 'reset', when: 'mid_body', after: 3 } }, async () => {
      for (const stream of [true, false]) {
        const response = await open(origin(), { body: message({ stream }) });
        await expect(read(response)).rejects.toThrow('aborted');
      }
    });
  });
});

describe('two copies of every module in one process', () => {
  it('share their counts: a call through Next shows at the listener’s /metrics', async () => {
    const sample = 'offpeak_requests_total{endpoint="models",lane="sync",state="succeeded"}';
    const before = await next.api.metric(sample);
    expect((await answerOf(next.origin, { method: 'GET', path: '/v1/models' })).status).toBe(200);
    expect(await next.api.metric(sample)).toBe(before + 1);
    const calls = 'offpeak_admin_calls_total{status="2xx"}';
    const admin = await next.api.metric(calls);
    await next.api.status();
    expect(await next.api.metric(calls)).toBe(admin + 1);
  });

  it('share their keys and their errors: a key made by the admin API works at once, a revoked one no longer', async () => {
    const { id, secret } = await next.api.createKey({ name: 'fresh' });
    const models = { method: 'GET', path: '/v1/models', headers: { 'x-api-key': secret } };
    expect((await answerOf(next.origin, models)).status).toBe(200);
    expect((await next.api.call('DELETE', `/api/keys/${id}`)).status).toBe(204);
    expect((await answerOf(next.origin, models)).status).toBe(401);
  });

  it('share their pools: dashboard calls open no connection after the first ones', async () => {
    const paths = [
      '/api/status',
      '/api/keys',
      '/api/requests',
      '/api/metrics/summary?from=now-1h&to=now',
      '/api/prices',
    ];
    const connections = async () => {
      await Promise.all(paths.flatMap((path) => [next.api.get(path), next.api.get(path), next.api.get(path)]));
      const [row] = await listener.deps.pools.hot<{ count: number }[]>`
        select count(*)::int as count from pg_stat_activity
        where datname = ${new URL(database.url).pathname.slice(1)} and application_name like 'offpeak-%'`;
      return row?.count ?? 0;
    };
    await connections();
    const before = await connections();
    for (let round = 0; round < 5; round++) await connections();
    expect(await connections()).toBeLessThanOrEqual(Math.max(before, 15));
  });
});
