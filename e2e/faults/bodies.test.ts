import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawHttp } from '@/e2e/process/raw-http';
import { CLIENT_KEY, type Gateway, startGateway } from '@/e2e/process/start-gateway';
import { waitFor } from '@/e2e/process/wait-for';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';

const MB = 1024 * 1024;

let api: Simulator;
let gateway: Gateway;
beforeAll(async () => {
  api = await startSimulator({ sync: { instant: true } });
  gateway = await startGateway({ upstreamUrl: api.url });
});
afterAll(async () => {
  await gateway?.close();
  await api?.close();
});

const message = (content = 'hi') =>
  JSON.stringify({ model: 'claude-haiku-5-5', max_tokens: 5, messages: [{ role: 'user', content }] });

async function post(body: string | Buffer, headers: Record<string, string> = {}, path = '/v1/messages') {
  const since = api.requests().length;
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const own = { 'x-api-key': CLIENT_KEY, 'anthropic-version': '2026-10-21', 'content-type': 'application/json' };
    const options = { method: 'POST', headers: { ...own, ...headers }, agent: false } as const;
    const request = httpRequest(gateway.origin + path, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('close', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
        request.destroy();
      });
    });
    // An answer may come before the body is sent.
    request.on('error', (error) => reject(error));
    request.end(body);
  });
  return { status, answer: JSON.parse(text), upstream: api.requests().slice(since) };
}

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
const tooLarge = { type: 'error', error: { type: 'request_too_large' }, request_id: expect.stringMatching(/^opr_/) };

describe('a compressed body', () => {
  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ])('%s goes up as it came, and the log knows what was in it', async (encoding, compress) => {
    const body = compress(message());
    const { status, upstream } = await post(body, { 'content-encoding': encoding });
    expect(status).toBe(200);
    expect(upstream[0]?.bodySha256).toBe(sha256(body));
    expect(new Map(upstream[0]?.headers).get('content-encoding')).toBe(encoding);
    const row = await waitFor('its row', async () => (await gateway.logged(1)).at(-1));
    expect(row.model).toBe('claude-haiku-5-5');
  });

  it.each([
    ['gzip', Buffer.from('no gzip at all'), 'body is not valid gzip'],
    ['gzip', gzipSync(message()).subarray(0, 40), 'body is not valid gzip'],
    ['snappy', Buffer.from(message()), 'snappy is not supported'],
  ])('that upstream refuses is refused in its words: %s', async (encoding, body, says) => {
    const { status, answer, upstream } = await post(body, { 'content-encoding': encoding });
    expect(status).toBe(400);
    expect(answer.error.message).toContain(says);
    expect(upstream).toHaveLength(1);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ])('a %s bomb is 413 and goes nowhere, and memory stays flat', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(150 * MB));
    expect(bomb.length).toBeLessThan(MB);
    const before = process.memoryUsage().rss;
    const all = await Promise.all(Array.from({ length: 4 }, () => post(bomb, { 'content-encoding': encoding })));
    for (const { status, answer, upstream } of all) {
      expect([status, upstream.length]).toEqual([413, 0]);
      expect(answer).toMatchObject(tooLarge);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * MB);
  });
});

describe('a large body', () => {
  it('of 33 MB is 413 before it is sent', async () => {
    const { status, body } = await rawHttp(
      gateway.port,
      `POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: ${CLIENT_KEY}\r\ncontent-length: ${33 * MB}\r\n\r\n`,
    );
    expect(status).toBe(413);
    expect(JSON.parse(body)).toMatchObject(tooLarge);
  });

  it('of 33 MB that is sent regardless still hears its 413', async () => {
    const { status, answer, upstream } = await post(Buffer.alloc(33 * MB, ' '));
    expect([status, upstream.length]).toEqual([413, 0]);
    expect(answer).toMatchObject(tooLarge);
  });

  it('in chunks without an end is 413 as soon as it is too large, and memory stays flat', async () => {
    const before = process.memoryUsage().rss;
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MB, ' '), Buffer.from('\r\n')]);
    const answer = await rawHttp(gateway.port, (socket) => {
      socket.write(
        `POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: ${CLIENT_KEY}\r\ntransfer-encoding: chunked\r\n\r\n`,
      );
      let sent = 0;
      const more = () => {
        while (!socket.destroyed && sent < 1_024) {
          sent++;
          if (!socket.write(chunk)) return void socket.once('drain', more);
        }
      };
      more();
    });
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body)).toMatchObject(tooLarge);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * MB);
  });

  it('of exactly 32 MB passes, one byte more does not', async () => {
    const pad = (bytes: number) => message() + ' '.repeat(bytes - message().length);
    const just = await post(pad(32 * MB));
    expect([just.status, just.upstream[0]?.bodyBytes]).toEqual([200, 32 * MB]);
    expect((await post(pad(32 * MB + 1))).status).toBe(413);
  });

  it('may be larger where it is a batch', async () => {
    const params = JSON.parse(message('x'.repeat(20 * MB))) as unknown;
    const requests = ['a', 'b'].map((custom_id) => ({ custom_id, params }));
    const { status, upstream } = await post(JSON.stringify({ requests }), {}, '/v1/messages/batches');
    expect([status, upstream.length]).toEqual([200, 1]);
  });
});

describe('a body that would hurt a careless parser', () => {
  it.each<[string, string]>([
    ['100,000 open arrays', '['.repeat(100_000)],
    ['100,000 nested arrays', `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['100,000 nested objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['a million keys', `{${Array.from({ length: 1_000_000 }, (_, at) => `"k${at}":1`).join(',')}}`],
    ['prototype keys everywhere', '{"__proto__":{"model":"x"},"constructor":{"prototype":{"polluted":1}},"model":7}'],
    ['types that no field has', '{"model":{"toString":1},"stream":"yes","max_tokens":-1e999,"tools":{},"thinking":[]}'],
    ['a model of a megabyte', JSON.stringify({ model: 'm'.repeat(MB) })],
    ['a model with control characters', JSON.stringify({ model: 'a\0b\u001b[31m\ud800\r\nset-cookie: x' })],
    ['NaN', '{"model":NaN}'],
    ['a lone byte order mark', '\ufeff'],
  ])('%s: upstream gives the verdict, the log takes it', async (_, body) => {
    const { status, answer, upstream } = await post(body);
    expect(status).toBe(400);
    expect(upstream[0]?.bodySha256).toBe(sha256(body));
    expect(answer.request_id).toBe(upstream[0]?.requestId);
    const row = await waitFor('its row', async () => {
      const rows = await gateway.logged(1);
      return rows.find((one) => one.upstream_request_id === upstream[0]?.requestId);
    });
    expect(row).toMatchObject({ state: 'failed', http_status: 400, error_type: 'invalid_request_error' });
    expect(row.model?.length ?? 0).toBeLessThanOrEqual(200);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('tags with names of Object’s own are only tags', async () => {
    const { status } = await post(message(), { 'x-offpeak-tags': 'constructor=a,tostring=b,hasownproperty=c' });
    expect(status).toBe(200);
    const row = await waitFor('its row', async () => (await gateway.logged(1)).find((one) => 'tostring' in one.tags));
    expect(row.tags).toEqual({ constructor: 'a', tostring: 'b', hasownproperty: 'c' });
  });
});
