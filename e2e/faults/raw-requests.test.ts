import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawHttp } from '@/e2e/process/raw-http';
import { CLIENT_KEY, type Gateway, startGateway } from '@/e2e/process/start-gateway';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';

let api: Simulator;
let gateway: Gateway;
let open: Gateway;
beforeAll(async () => {
  api = await startSimulator({ sync: { instant: true } });
  gateway = await startGateway({ upstreamUrl: api.url });
  open = await startGateway({ upstreamUrl: api.url, env: { OFFPEAK_PASSTHROUGH: 'on' } });
});
afterAll(async () => {
  await gateway?.close();
  await open?.close();
  await api?.close();
});

const body = '{"model":"claude-haiku-5-5","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}';

async function send(lines: readonly string[], payload = '', to = gateway) {
  const since = api.requests().length;
  const answer = await rawHttp(to.port, `${lines.join('\r\n')}\r\n\r\n${payload}`);
  return { ...answer, upstream: api.requests().slice(since) };
}

const request = (...lines: string[]) => [
  'POST /v1/messages HTTP/1.1',
  'Host: offpeak',
  `x-api-key: ${CLIENT_KEY}`,
  'anthropic-version: 2026-10-21',
  'content-type: application/json',
  ...lines,
];
const sized = (...lines: string[]) => request(`content-length: ${body.length}`, ...lines);

describe('a request that two parsers could read in two ways is 400 and goes nowhere', () => {
  it.each<[string, string[], string]>([
    [
      'length and chunks',
      request(`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked'),
      `0\r\n\r\nGET /v1/models HTTP/1.1\r\n\r\n`,
    ],
    ['chunks and length', request('Transfer-Encoding: chunked', 'Content-Length: 4'), `0\r\n\r\n`],
    ['two lengths', request('Content-Length: 5', `Content-Length: ${body.length}`), body],
    ['a list of lengths', request(`Content-Length: 5, ${body.length}`), body],
    ['a signed length', request('Content-Length: +5'), 'hello'],
    ['a length with letters', request('Content-Length: 0x10'), body],
    ['a negative length', request('Content-Length: -1'), body],
    ['chunks by another name', request('Transfer-Encoding: xchunked'), '0\r\n\r\n'],
    ['chunks not last', request('Transfer-Encoding: chunked, identity'), '0\r\n\r\n'],
    ['chunks twice', request('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'), 'xyz\r\n\r\n'],
    ['a space before the colon', request(`Content-Length : ${body.length}`), body],
    ['a folded header', sized('x-a: b\r\n c'), body],
    ['a bare line feed', [`POST /v1/messages HTTP/1.1\nHost: x\ncontent-length: ${body.length}\n`], body],
    ['a NUL in a header', sized('x-a: b\0c'), body],
    ['a carriage return in a header', sized('x-a: b\rx-c: d'), body],
    ['a bad chunk size', request('Transfer-Encoding: chunked'), 'zz\r\n{}\r\n0\r\n\r\n'],
    ['no HTTP at all', ['\x16\x03\x01\x02\x00\x01'], ''],
    ['a method of its own', ['HELLO /v1/messages HTTP/1.1', 'host: x'], ''],
    ['another protocol version', ['POST /v1/messages HTTP/3.7', 'host: x'], ''],
  ])('%s', async (_, lines, payload) => {
    const { status, text, upstream } = await send(lines, payload);
    expect(status).toBe(400);
    expect(upstream).toEqual([]);
    expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error' },
    });
    // One answer: nothing behind the first request was taken for a second one.
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });
});

describe('what a request says comes back nowhere raw', () => {
  it.each<[string, string[]]>([
    ['a tolerance', sized('x-offpeak-tolerance: <script>\t"x"')],
    ['tags', sized('x-offpeak-tags: a=b,<img src=x>=c')],
    ['a lane', sized('x-offpeak-lane: \u001b[31mred')],
  ])('%s', async (_, lines) => {
    const { status, head, body: text } = await send(lines, body);
    expect(status).toBe(400);
    expect(head.toLowerCase()).toContain('content-type: application/json');
    expect(text).not.toContain('\u001b');
    expect(() => JSON.parse(text)).not.toThrow();
  });

  it('a line end in an encoded path is no line end', async () => {
    const { text } = await send([
      'GET /v1/models/x%0d%0aset-cookie:%20a=b HTTP/1.1',
      'Host: x',
      `x-api-key: ${CLIENT_KEY}`,
      'anthropic-version: 2026-10-21',
    ]);
    expect(text).not.toMatch(/^set-cookie/im);
  });
});

describe('limits and odd requests', () => {
  it('headers above 16 KB are 431 in the envelope', async () => {
    const { status, body: text, upstream } = await send(sized(`x-long: ${'a'.repeat(17_000)}`), body);
    expect([status, upstream.length]).toEqual([431, 0]);
    expect(JSON.parse(text)).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });

  it('a request to be upgraded is answered as if it had not asked', async () => {
    const { status, head } = await send(
      sized('Connection: upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: x'),
      body,
    );
    expect(status).toBe(200);
    expect(head).not.toMatch(/101 Switching|upgrade: websocket/i);
  });

  it('CONNECT opens no tunnel', async () => {
    const { status, upstream } = await send([
      `CONNECT ${new URL(api.url).host} HTTP/1.1`,
      `Host: ${new URL(api.url).host}`,
    ]);
    expect(status === 0 || status >= 400).toBe(true);
    expect(upstream).toEqual([]);
  });

  it.each(['http://elsewhere.invalid/v1/messages', 'https://api.anthropic.com/v1/messages'])(
    'a whole URL as target chooses no upstream: %s',
    async (target) => {
      const { status, upstream } = await send([`POST ${target} HTTP/1.1`, ...sized().slice(1)], body);
      expect(upstream.filter((one) => one.path !== '/v1/messages')).toEqual([]);
      expect([200, 400, 404, 421]).toContain(status);
    },
  );

  it.each([
    '//elsewhere.invalid/v1/messages',
    '/v1/../../etc/passwd',
    '/v1/messages/../models',
    '/v1/%2e%2e/x',
    '/v1//messages',
    '/v1/./messages',
    '/V1/messages',
    '/v1\\messages',
  ])('an odd path is not normalised into another one: %s', async (path) => {
    const { status, upstream } = await send([`POST ${path} HTTP/1.1`, ...sized().slice(1)], body);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(upstream).toEqual([]);
  });

  it('a path that cannot be decoded is 400 before Next sees it', async () => {
    const get = (path: string) => send([`GET ${path} HTTP/1.1`, 'Host: 127.0.0.1']);
    for (const path of ['/requests/%E0%A4%A', '/api/requests/%', '/%ff?a=b', '/login/%zz', '*', '%2F']) {
      const { status, body: text } = await get(path);
      expect([path, status]).toEqual([path, 400]);
      expect(JSON.parse(text)).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    }
    expect((await get('/requests/%E2%82%AC?%ff')).body).toContain('a page');
  });

  it('with a credential of one’s own the path goes up as it was written', async () => {
    const own = ['Host: x', 'x-api-key: sk-ant-own', 'anthropic-version: 2026-10-21'];
    const { upstream } = await send(['GET /v1/files/%2e%2e/a%2Fb?x=%20+ HTTP/1.1', ...own], '', open);
    expect(upstream[0]?.path).toBe('/v1/files/%2e%2e/a%2Fb?x=%20+');
    const { upstream: dots } = await send(['GET /v1/../admin HTTP/1.1', ...own], '', open);
    expect(dots.every((one) => one.path.startsWith('/v1/'))).toBe(true);
  });

  it('Expect: 100-continue is answered, so that a patient client sends its body', async () => {
    const lines = sized('Expect: 100-continue').join('\r\n');
    const answer = await rawHttp(
      gateway.port,
      (socket) => {
        socket.write(`${lines}\r\n\r\n`);
        socket.once('data', () => socket.write(body));
      },
      (text) => text.includes('200 OK') && text.endsWith('}'),
    );
    expect(answer.text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  });

  it('HEAD and OPTIONS are part of no endpoint; there is no CORS', async () => {
    const own = ['Host: x', `x-api-key: ${CLIENT_KEY}`, 'Origin: https://evil.example'];
    const options = await send(['OPTIONS /v1/messages HTTP/1.1', ...own, 'Access-Control-Request-Method: POST']);
    expect(options.status).toBe(405);
    expect(options.text).not.toMatch(/access-control/i);
    const { head } = await send(sized('Origin: https://evil.example'), body);
    expect(head).not.toMatch(/access-control/i);
  });

  it('two requests in one packet get two answers, in order', async () => {
    const two = [...sized(), '', `${body}GET /healthz HTTP/1.1`, 'Host: x'];
    const answer = await rawHttp(gateway.port, `${two.join('\r\n')}\r\n\r\n`, (text) => text.includes('"status":"ok"'));
    expect(answer.text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(answer.text.indexOf('"type":"message"')).toBeLessThan(answer.text.indexOf('"status":"ok"'));
  });

  it('pages answer to no foreign name, and a forwarded address opens no door', async () => {
    const page = (...lines: string[]) => send(['GET / HTTP/1.1', ...lines]);
    expect((await page('Host: evil.example')).status).toBe(421);
    expect((await page('Host: 127.0.0.1:1')).status).toBe(404);
    const metrics = (...lines: string[]) => send(['GET /metrics HTTP/1.1', 'Host: x', ...lines]);
    expect((await metrics('X-Forwarded-For: 10.0.0.1')).status).toBe(401);
    expect((await metrics('X-Forwarded-For: 127.0.0.1')).status).toBe(401);
    expect((await metrics('X-Forwarded-For: 10.0.0.1', 'Authorization: Bearer wrong')).status).toBe(401);
  });
});
