import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_KEY, type Gateway, startGateway, UPSTREAM_KEY } from '@/e2e/process/start-gateway';
import type { RequestView } from '@/lib/simulator/request-recorder';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';

let api: Simulator;
let closed: Gateway;
let open: Gateway;
beforeAll(async () => {
  api = await startSimulator({ sync: { instant: true } });
  closed = await startGateway({ upstreamUrl: api.url });
  open = await startGateway({ upstreamUrl: api.url, env: { OFFPEAK_PASSTHROUGH: 'on' } });
});
afterAll(async () => {
  await closed?.close();
  await open?.close();
  await api?.close();
});

const body = JSON.stringify({
  model: 'claude-haiku-5-5',
  max_tokens: 50,
  messages: [{ role: 'user', content: 'hello' }],
});

async function post(gateway: Gateway, headers: Record<string, string>, path = '/v1/messages') {
  const since = api.requests().length;
  const response = await fetch(gateway.origin + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2026-10-21', ...headers },
    body,
  });
  const answer = (await response.json()) as { error?: { type: string; message: string } };
  return { status: response.status, headers: response.headers, answer, upstream: api.requests().slice(since) };
}

const credentials = (request: RequestView | undefined) =>
  (request?.headers ?? []).filter(([name]) => /^(x-api-key|authorization)$/i.test(name));

describe('an Offpeak key', () => {
  it.each([
    ['x-api-key', { 'x-api-key': CLIENT_KEY }],
    ['a bearer token', { authorization: `Bearer ${CLIENT_KEY}` }],
    ['a bearer token in lower case', { authorization: `bearer ${CLIENT_KEY}` }],
    ['both', { 'x-api-key': CLIENT_KEY, authorization: `Bearer ${CLIENT_KEY}` }],
    ['a bearer token beside another x-api-key', { 'x-api-key': 'sk-ant-own', authorization: `Bearer ${CLIENT_KEY}` }],
  ])('is taken from %s and replaced by upstream’s', async (_, headers) => {
    for (const gateway of [closed, open]) {
      const { status, upstream } = await post(gateway, headers);
      expect(status).toBe(200);
      expect(credentials(upstream[0])).toEqual([['x-api-key', UPSTREAM_KEY]]);
      expect(JSON.stringify(upstream)).not.toContain(CLIENT_KEY);
    }
  });

  it('works in both SDK forms', async () => {
    for (const options of [{ apiKey: CLIENT_KEY }, { authToken: CLIENT_KEY, apiKey: null }]) {
      const client = new Anthropic({ ...options, baseURL: closed.origin, maxRetries: 0 });
      expect((await client.messages.create(JSON.parse(body))).type).toBe('message');
    }
  });
});

describe('without a good key', () => {
  it.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['an empty key', { 'x-api-key': '' }],
    ['a wrong key', { 'x-api-key': `${CLIENT_KEY.slice(0, -1)}X` }],
    ['a prefix of the key', { 'x-api-key': CLIENT_KEY.slice(0, -1) }],
    ['a longer key', { 'x-api-key': `${CLIENT_KEY}0` }],
    ['an overlong key', { 'x-api-key': `opk_${'a'.repeat(5_000)}` }],
    ['SQL', { 'x-api-key': "opk_' or 1=1; drop table keys; --aaaaaaaaaaaaaa" }],
    ['Latin-1', { 'x-api-key': 'opk_äöüäöüäöüäöüäöüäöüäöü' }],
    ['an operator’s token', { 'x-api-key': 'opt_admin-token-of-the-tests' }],
    ['upstream’s own key', { 'x-api-key': UPSTREAM_KEY }],
    ['Basic', { authorization: `Basic ${Buffer.from(`x:${CLIENT_KEY}`).toString('base64')}` }],
    ['a bare token', { authorization: CLIENT_KEY }],
    ['Bearer without a token', { authorization: 'Bearer ' }],
    ['two keys in one', { 'x-api-key': `${CLIENT_KEY}, ${CLIENT_KEY}` }],
  ])('401 in the envelope, and nothing goes upstream: %s', async (_, headers) => {
    const { status, answer, headers: got, upstream } = await post(closed, headers);
    expect(status).toBe(401);
    expect(answer).toEqual({
      type: 'error',
      error: { type: 'authentication_error', message: expect.any(String) },
      request_id: got.get('request-id'),
    });
    expect(got.get('x-offpeak-request-id')).toBe(got.get('request-id'));
    expect(upstream).toEqual([]);
  });

  it('is the SDK’s AuthenticationError', async () => {
    const client = new Anthropic({
      apiKey: 'opk_wrong-wrong-wrong-wrong-wrong',
      baseURL: closed.origin,
      maxRetries: 0,
    });
    await expect(client.messages.create(JSON.parse(body))).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
  });
});

describe('a caller’s own credential', () => {
  it('passes through as it came, in either form', async () => {
    for (const headers of [
      { 'x-api-key': 'sk-ant-own-credential' },
      { authorization: 'Bearer sk-ant-own-credential' },
      { authorization: 'Bearer oauth-token', 'anthropic-beta': 'oauth-2025-04-20' },
    ]) {
      const { status, upstream } = await post(open, headers);
      expect(status).toBe(200);
      const { 'anthropic-beta': beta, ...credential } = headers as Record<string, string>;
      expect(credentials(upstream[0])).toEqual(Object.entries(credential));
      expect(new Map(upstream[0]?.headers).get('anthropic-beta')).toBe(beta);
    }
  });

  it('is refused by upstream, in upstream’s words', async () => {
    const { status, answer, upstream } = await post(open, { 'x-api-key': 'invalid-key' });
    expect([status, answer.error?.message]).toEqual([401, 'invalid x-api-key']);
    expect(upstream).toHaveLength(1);
  });

  it('is logged as a fingerprint only', async () => {
    const { headers } = await post(open, { 'x-api-key': 'sk-ant-fingerprinted' });
    const row = await open.loggedAs(headers.get('x-offpeak-request-id'));
    expect(row).toMatchObject({
      state: 'succeeded',
      key_id: null,
      credential: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(JSON.stringify(row)).not.toContain('sk-ant-fingerprinted');
  });

  it('may use any path of the API; an Offpeak key may not', async () => {
    const own = await post(open, { 'x-api-key': 'sk-ant-own' }, '/v1/files?x=1');
    expect(own.upstream[0]?.path).toBe('/v1/files?x=1');
    const ours = await post(open, { 'x-api-key': CLIENT_KEY }, '/v1/files');
    expect([ours.status, ours.answer.error?.type, ours.upstream.length]).toEqual([404, 'not_found_error', 0]);
  });

  it('never counts when it looks like an Offpeak key', async () => {
    const { status, upstream } = await post(open, { 'x-api-key': 'opk_unknown-unknown-unknown-unknown' });
    expect([status, upstream.length]).toEqual([401, 0]);
  });
});
