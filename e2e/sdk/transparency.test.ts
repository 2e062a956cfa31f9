import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawHttp } from '@/e2e/process/raw-http';
import { CLIENT_KEY, type Gateway, startGateway, UPSTREAM_KEY } from '@/e2e/process/start-gateway';
import type { RequestView } from '@/lib/simulator/request-recorder';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';

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

const BASE = { 'content-type': 'application/json', 'anthropic-version': '2026-10-21', 'x-api-key': CLIENT_KEY };

function last(): RequestView & { bytes: Buffer } {
  const [request] = api.requests({ bodies: true }).slice(-1);
  if (!request) throw new Error('nothing went upstream');
  return { ...request, bytes: Buffer.from(request.body ?? '', 'base64') };
}

async function send(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<number> {
  const response = await fetch(gateway.origin + path, { method: 'POST', headers: { ...BASE, ...headers }, body });
  await response.arrayBuffer();
  return response.status;
}

const message = (extra: string) =>
  `{"model":"claude-haiku-5-5","max_tokens":20,"messages":[{"role":"user","content":"hi"}]${extra}}`;

describe('the request’s bytes go up as they came', () => {
  it.each<[string, string]>([
    ['a float without fraction', message(',"metadata":{"user_id":null},"x":1.0')],
    ['a big integer', message(',"x":123456789012345678901234567890')],
    ['exponents and negative zero', message(',"x":[1E400,-0.0,1e-7]')],
    ['key order', '{"max_tokens":20,"messages":[{"content":"hi","role":"user"}],"model":"claude-haiku-5-5"}'],
    ['whitespace', `\r\n\t ${message('').replaceAll(',', ' ,\n  ')} \n\n`],
    ['a key twice', message(',"max_tokens":21,"max_tokens":22')],
    ['UTF-8 and escapes', message(',"x":"Grüße 🌍 \\u00e9 \\ud83c\\udf0d \\/ \u2028"')],
    ['a lone surrogate', message(',"x":"\\ud800"')],
    ['prototype keys', message(',"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}')],
    ['a byte order mark', `\ufeff${message('')}`],
    ['no JSON', 'this is {not json'],
    ['JSON that is no object', '[1,2,3]'],
    ['nothing', ''],
  ])('%s', async (_, body) => {
    await send('/v1/messages', body);
    expect(last().bytes.toString()).toBe(body);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('bytes that are no UTF-8', async () => {
    const body = Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xff, 0xfe, 0xc3, 0x28]), Buffer.from('"}')]);
    expect(await send('/v1/messages', body)).toBe(400);
    expect(last().bytes.equals(body)).toBe(true);
  });

  it('twenty megabytes', async () => {
    const body = message(`,"x":"${'ü'.repeat(10_000_000)}"`);
    await send('/v1/messages', body);
    expect(last().bytes.equals(Buffer.from(body))).toBe(true);
  });

  it('a batch', async () => {
    const body = `{ "requests":[{"custom_id":"a","params":${message(',"x":1.0')}}]}`;
    expect(await send('/v1/messages/batches', body)).toBe(200);
    expect(last().bytes.toString()).toBe(body);
  });

  it('chunks without a length', async () => {
    const body = message('');
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(`${gateway.origin}/v1/messages`, { method: 'POST', headers: BASE }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      request.on('error', reject);
      for (const piece of body.match(/.{1,7}/g) ?? []) request.write(piece);
      request.end();
    });
    expect(status).toBe(200);
    expect(last().bytes.toString()).toBe(body);
    expect(new Map(last().headers).get('content-length')).toBe(String(body.length));
  });

  it('path and query', async () => {
    const query = '?beta=true&x=%2F..%2f&x=2&empty=&sp=a+b%20c';
    await send(`/v1/messages${query}`, message(''));
    expect(last().path).toBe(`/v1/messages${query}`);
  });
});

describe('the request’s headers', () => {
  const raw = (lines: readonly string[], body = message('')) =>
    rawHttp(
      gateway.port,
      [
        'POST /v1/messages HTTP/1.1',
        `Host: 127.0.0.1:${gateway.port}`,
        'Content-Type: application/json',
        `Content-Length: ${Buffer.byteLength(body)}`,
        ...lines,
        '',
        body,
      ].join('\r\n'),
    );

  it('go up in order, with their case, repeated ones too; ours and those of the connection do not', async () => {
    const answer = await raw([
      'X-Api-Key: wrong-but-beaten-by-the-bearer',
      `Authorization: Bearer ${CLIENT_KEY}`,
      'anthropic-version: 2026-10-21',
      'X-Tomorrow: first',
      'x-tomorrow: second',
      'User-Agent: a client of 2030',
      'X-Stainless-Retry-Count: 2',
      'x-claude-code-session-id: session-1',
      'X-Request-Id: mine',
      'traceparent: 00-1-2-01',
      'Accept-Encoding: gzip, br',
      'x-offpeak-tolerance: 10m',
      'x-offpeak-tags: team=search',
      'x-offpeak-lane: sync',
      'x-offpeak-retries: 3',
      'x-offpeak-store: off',
      'X-Offpeak-Of-Tomorrow: 1',
      'Connection: keep-alive, X-Hop',
      'Keep-Alive: timeout=5',
      'X-Hop: of this connection only',
      'TE: trailers',
      'Cookie: offpeak=session',
      'X-Forwarded-For: 10.0.0.1',
      'Forwarded: for=10.0.0.1',
      'X-Real-IP: 10.0.0.1',
      'Proxy-Authorization: Basic xyz',
    ]);
    expect(answer.status).toBe(200);
    expect(last().headers.filter(([name]) => !/^(host|connection|content-length)$/i.test(name))).toEqual([
      ['Content-Type', 'application/json'],
      ['anthropic-version', '2026-10-21'],
      ['X-Tomorrow', 'first'],
      ['x-tomorrow', 'second'],
      ['User-Agent', 'a client of 2030'],
      ['X-Stainless-Retry-Count', '2'],
      ['x-claude-code-session-id', 'session-1'],
      ['X-Request-Id', 'mine'],
      ['traceparent', '00-1-2-01'],
      ['accept-encoding', 'identity'],
      ['x-api-key', UPSTREAM_KEY],
    ]);
    expect(JSON.stringify(last().headers)).not.toMatch(/opk_|offpeak/i);
  });

  it('anthropic-version and anthropic-beta come as they were sent, even wrong ones', async () => {
    const answer = await raw([`x-api-key: ${CLIENT_KEY}`, 'anthropic-version: 1999-01-01', 'anthropic-beta: a, b']);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('anthropic-version: \\"1999-01-01\\" is not a valid version');
    expect(last().headers).toEqual(
      expect.arrayContaining([
        ['anthropic-version', '1999-01-01'],
        ['anthropic-beta', 'a, b'],
      ]),
    );
  });

  it('reach every other endpoint in the same way', async () => {
    const response = await fetch(`${gateway.origin}/v1/models?limit=2`, {
      headers: { ...BASE, 'x-tomorrow': 'yes', 'x-offpeak-tags': 'a=b' },
    });
    expect(response.status).toBe(200);
    const headers = new Map(last().headers);
    expect([last().path, headers.get('x-tomorrow'), headers.get('x-offpeak-tags')]).toEqual([
      '/v1/models?limit=2',
      'yes',
      undefined,
    ]);
  });
});
