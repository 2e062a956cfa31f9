import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withFault } from '@/e2e/process/with-fault';
import type { Fault } from '@/lib/simulator/fault-rule';
import { startTwins, type Twins, withoutTimes } from './twins';

let twins: Twins;
beforeAll(async () => {
  twins = await startTwins({}, { env: { OFFPEAK_PASSTHROUGH: 'on' } });
});
afterAll(() => twins?.close());

/** The same credential both ways: with one of its own, a caller may use all of the API. */
const OWN = 'sk-ant-own-credential';
const BASE = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': OWN };
/** Of one connection, or of the clock. */
const NOT_COMPARED = /^(date|connection|keep-alive|transfer-encoding|x-offpeak-.*)$/;

interface Sent {
  method?: string;
  path?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
}

function answerOf(origin: string, { method = 'POST', path = '/v1/messages', headers = {}, body }: Sent) {
  return new Promise<{ status: number | undefined; headers: [string, string][]; body: string; cut: boolean }>(
    (resolve, reject) => {
      const request = httpRequest(origin + path, { method, headers: { ...BASE, ...headers }, agent: false });
      request.on('error', reject);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        const done = (cut: boolean) => {
          const named: [string, string][] = [];
          for (let at = 0; at + 1 < response.rawHeaders.length; at += 2) {
            const name = (response.rawHeaders[at] ?? '').toLowerCase();
            if (!NOT_COMPARED.test(name)) named.push([name, response.rawHeaders[at + 1] ?? '']);
          }
          const answer = { headers: named.sort(), body: Buffer.concat(chunks).toString('latin1') };
          resolve({ status: response.statusCode, cut, ...withoutTimes(answer) });
        };
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => done(false));
        response.on('error', () => done(true));
      });
      request.end(body);
    },
  );
}

async function expectSame(sent: Sent) {
  const direct = await answerOf(twins.directApi.url, sent);
  expect(await answerOf(twins.gateway.origin, sent)).toEqual(direct);
  return direct;
}

const message = (extra = '', content = 'hi') =>
  `{"model":"claude-haiku-5-5","max_tokens":60,"messages":[{"role":"user","content":"${content}"}]${extra}}`;

describe('directly and through the sync lane: the same status, headers and bytes', () => {
  it.each<[string, number, Sent]>([
    ['a message', 200, { body: message() }],
    ['a stream', 200, { body: message(',"stream":true') }],
    ['every kind of block', 200, { body: message('', '[[sim:blocks=all]]') }],
    ['every kind of block, streamed', 200, { body: message(',"stream":true', '[[sim:blocks=all]]') }],
    ['unicode, escaped and not', 200, { body: message('', 'Grüße 🌍 \\u00e9 \\ud83c\\udf0d \\/') }],
    ['a lone surrogate', 200, { body: message('', '\\ud800') }],
    ['1.0 for a whole number', 200, { body: message().replace('60', '60.0') }],
    ['a key twice', 200, { body: message(',"max_tokens":61') }],
    ['another order of keys', 200, { body: message().replace(/^\{(.*?),(.*?),/, '{$2,$1,') }],
    ['whitespace around and within', 200, { body: ` \r\n\t${message().replaceAll(',', ' ,\n ')}\n\n ` }],
    ['gzip', 200, { body: gzipSync(message()), headers: { 'content-encoding': 'gzip' } }],
    ['a big integer', 400, { body: message(',"x":123456789012345678901234567890') }],
    ['an unknown field', 400, { body: message(',"constellation":{"a":1.0}') }],
    ['prototype keys', 400, { body: message(',"__proto__":{"a":1},"constructor":1') }],
    ['gzip that is none', 400, { body: message(), headers: { 'content-encoding': 'gzip' } }],
    ['an unknown encoding', 400, { body: message(), headers: { 'content-encoding': 'zip' } }],
    ['no JSON', 400, { body: 'this is {not json' }],
    ['nothing', 400, { body: '' }],
    ['unknown headers', 200, { body: message(), headers: { 'x-tomorrow': ['first', 'second'] } }],
    ['an unknown query', 200, { body: message(), path: '/v1/messages?beta=true&x=%2F' }],
    ['an unknown version', 400, { body: message(), headers: { 'anthropic-version': '1999-01-01' } }],
    ['an unknown beta', 400, { body: message(), headers: { 'anthropic-beta': 'nothing-2020-01-01' } }],
    ['a key that upstream refuses', 401, { body: message(), headers: { 'x-api-key': 'invalid-key' } }],
    ['models', 200, { method: 'GET', path: '/v1/models?limit=1000' }],
    ['HEAD of models', 405, { method: 'HEAD', path: '/v1/models' }],
    ['GET of messages', 405, { method: 'GET' }],
    ['PUT of messages', 405, { method: 'PUT', body: message() }],
    ['PATCH of a batch', 405, { method: 'PATCH', path: '/v1/messages/batches/msgbatch_x', body: '{}' }],
    ['OPTIONS of messages', 405, { method: 'OPTIONS' }],
    ['an unknown path', 404, { method: 'GET', path: '/v1/constellations/1?a=b' }],
    ['POST to an unknown path', 404, { path: '/v1/constellations', body: '{"x":1.0}' }],
    ['DELETE of an unknown path', 404, { method: 'DELETE', path: '/v1/constellations/1' }],
  ])('%s', async (_, status, sent) => {
    expect((await expectSame(sent)).status).toBe(status);
  });

  it.each([400, 401, 402, 403, 404, 409, 413, 422, 429, 500, 502, 503, 504, 529])('status %i', async (status) => {
    const fault: Fault = { kind: 'error', status, headers: { 'x-should-retry': 'false', 'x-tomorrow': 'yes' } };
    await withFault([twins.directApi, twins.hiddenApi], { fault }, async () => {
      expect((await expectSame({ body: message() })).status).toBe(status);
      expect((await expectSame({ body: message(',"stream":true') })).status).toBe(status);
    });
  });

  it.each<[string, Fault]>([
    ['HTML of a gateway', { kind: 'error', status: 502, rawBody: '<html><h1>Bad gateway' }],
    ['an error in the middle', { kind: 'stream_error', after: 4 }],
    ['an end without message_stop', { kind: 'truncate', after: 4 }],
    ['CRLF', { kind: 'malformed_sse', variant: 'crlf' }],
    ['broken JSON', { kind: 'malformed_sse', variant: 'bad_json' }],
    ['bytes that are no UTF-8', { kind: 'malformed_sse', variant: 'invalid_utf8' }],
    ['events of tomorrow', { kind: 'unknown', what: 'event' }],
    ['blocks of tomorrow', { kind: 'unknown', what: 'block' }],
    ['chunks that cut through events', { kind: 'split', sizes: [1, 7, 64] }],
  ])('a stream with %s', async (_, fault) => {
    await withFault([twins.directApi, twins.hiddenApi], { fault }, async () => {
      expect((await expectSame({ body: message(',"stream":true') })).body.length).toBeGreaterThan(0);
    });
  });
});
