import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawHttp } from '@/e2e/process/raw-http';
import { CLIENT_KEY, type Gateway, startGateway } from '@/e2e/process/start-gateway';
import { withFault } from '@/e2e/process/with-fault';
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

const body = '{"model":"claude-haiku-5-5","max_tokens":20,"messages":[{"role":"user","content":"hi"}]}';

async function post(lines: readonly string[], path = '/v1/messages') {
  const since = api.requests().length;
  const answer = await rawHttp(
    gateway.port,
    [
      `POST ${path} HTTP/1.1`,
      'Host: offpeak',
      'content-type: application/json',
      'anthropic-version: 2026-10-21',
      `x-api-key: ${CLIENT_KEY}`,
      `content-length: ${body.length}`,
      ...lines,
      '',
      body,
    ].join('\r\n'),
  );
  return { ...answer, upstream: api.requests().slice(since) };
}

const tooMany = Array.from({ length: 11 }, (_, index) => `t${index}=x`).join(',');

describe('a malformed or repeated header is named in a 400 and nothing goes upstream', () => {
  it.each<[string, readonly string[]]>([
    ...['', '0s', '10', '10 m', '25h', '1d', '-5s', '1.5h', 'Interactive', '9999999999ms', '10m, 20m'].map(
      (value): [string, string[]] => ['x-offpeak-tolerance', [`x-offpeak-tolerance: ${value}`]],
    ),
    ...['', 'team', '=x', 'Team=x', 'a=b,a=c', `a=${'x'.repeat(81)}`, `${'a'.repeat(41)}=x`, 'a=', 'a=ü', tooMany].map(
      (value): [string, string[]] => ['x-offpeak-tags', [`x-offpeak-tags: ${value}`]],
    ),
    ...['', 'batch', 'SYNC', 'sync,sync'].map((value): [string, string[]] => [
      'x-offpeak-lane',
      [`x-offpeak-lane: ${value}`],
    ]),
    ...['', '-1', '16', '1.0', 'two', '03'].map((value): [string, string[]] => [
      'x-offpeak-retries',
      [`x-offpeak-retries: ${value}`],
    ]),
    ...['', 'on', 'OFF', 'false'].map((value): [string, string[]] => [
      'x-offpeak-store',
      [`x-offpeak-store: ${value}`],
    ]),
    ['x-offpeak-tolerance', ['x-offpeak-tolerance: 10m', 'X-Offpeak-Tolerance: 10m']],
    ['x-offpeak-tags', ['x-offpeak-tags: a=b', 'x-offpeak-tags: c=d']],
    ['x-offpeak-lane', ['x-offpeak-lane: sync', 'x-offpeak-lane: sync']],
    ['idempotency-key', ['idempotency-key: ']],
    ['idempotency-key', [`idempotency-key: ${'k'.repeat(256)}`]],
    ['idempotency-key', ['idempotency-key: a', 'idempotency-key: b']],
  ])('%s %j', async (name, lines) => {
    for (const path of ['/v1/messages', '/v1/messages/count_tokens']) {
      const { status, body: text, upstream } = await post(lines, path);
      expect(status).toBe(400);
      const answer = JSON.parse(text);
      expect(answer).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
      expect(answer.error.message).toMatch(new RegExp(`^${name}: `));
      expect(upstream).toEqual([]);
    }
  });
});

describe('a good header', () => {
  it.each([
    ['x-offpeak-tolerance: interactive', 'override', 'rule'],
    ['x-offpeak-lane: sync', 'override', 'rule'],
    ['x-offpeak-retries: 15', 'default', 'rule'],
    ['x-offpeak-store: off', 'default', 'rule'],
  ])('%s', async (line, rule, because) => {
    const { status, head } = await post([line]);
    expect(status).toBe(200);
    expect(head).toMatch(new RegExp(`x-offpeak-rule: ${rule}\r\n`, 'i'));
    expect(head).toMatch(new RegExp(`x-offpeak-because: ${because}`, 'i'));
  });

  it('tags and tolerance are in the log', async () => {
    const { head } = await post(['x-offpeak-tags: team=search, job = nightly', 'x-offpeak-tolerance: 90s']);
    const id = /x-offpeak-request-id: (\S+)/i.exec(head)?.[1] ?? null;
    expect(await gateway.loggedAs(id)).toMatchObject({
      tags: { team: 'search', job: 'nightly' },
      tolerance_ms: 90_000,
      state: 'succeeded',
    });
  });

  it('nothing is reflected raw: a value cannot add a header to the answer', async () => {
    const { text } = await post(['x-offpeak-tags: a=b%0d%0aset-cookie:%20x=1']);
    expect(text).not.toMatch(/^set-cookie/im);
  });

  it('is not answered with what upstream says in our name', async () => {
    const headers = { 'x-offpeak-lane': 'batch', 'set-cookie': 'x=1' };
    const fault = { kind: 'error', status: 400, headers } as const;
    const { head } = await withFault([api], { fault }, () => post([]));
    expect(head).toMatch(/x-offpeak-lane: sync/i);
    expect(head).not.toMatch(/batch|set-cookie/i);
  });
});
