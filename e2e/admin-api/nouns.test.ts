import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeError } from '@/lib/log';
import { Ingest } from '@/lib/store/ingest';
import { closedRecord, openedRecord } from '@/lib/testing/records';
import { type AdminProcess, adminProcess } from './admin-process';

let admin: AdminProcess;
const operator = () => ({ token: admin.tokens.operator });

beforeAll(async () => {
  admin = await adminProcess();
});
afterAll(() => admin.stop());

describe('keys', () => {
  test('work when the secret is answered, and no more when they are revoked', async () => {
    const body = {
      name: 'nightly',
      tolerance: '2h',
      tags: { team: 'search' },
      batch: false,
      monthlyBudgetUsd: '12.5',
      upstream: 'second',
    };
    const made = await admin.call('POST', '/api/keys', { ...operator(), body });
    expect(made.status).toBe(201);
    const { secret, ...key } = made.json;
    expect(secret).toMatch(/^opk_[A-Za-z0-9_-]{43}$/);
    expect(key).toMatchObject({
      ...body,
      store: true,
      patience: null,
      createdBy: 'operator',
      prefix: secret.slice(0, 8),
    });
    expect(admin.deps.keyRing.lookup(secret)).toMatchObject({
      key: { name: 'nightly', upstream: 'second', toleranceMs: 7_200_000 },
    });

    const listed = await admin.call('GET', '/api/keys', { token: admin.tokens.viewer });
    expect(listed.json.keys).toContainEqual(key);
    expect(listed.text).not.toContain(secret);

    expect((await admin.call('POST', '/api/keys', { ...operator(), body })).json.error.type).toBe('conflict_error');
    expect((await admin.call('DELETE', `/api/keys/${key.id}`, operator())).status).toBe(204);
    expect(await admin.deps.keyRing.lookup(secret)).toBe('unknown');
    expect((await admin.call('POST', '/api/keys', { ...operator(), body })).status).toBe(201);
  });

  test.each<[string, unknown, number, string]>([
    ['no name', {}, 422, 'name'],
    ['an unknown field', { name: 'x', role: 'admin' }, 422, 'role'],
    ['an unknown credential', { name: 'x', upstream: 'third' }, 422, 'upstream'],
    ['a bad tag', { name: 'x', tags: { UPPER: 'y' } }, 422, 'tags.UPPER'],
    ['a budget beyond what can be stored', { name: 'x', monthlyBudgetUsd: '999999999' }, 422, 'monthlyBudgetUsd'],
    ['a control character', { name: 'a\nb' }, 422, 'name'],
    ['a patience that is none', { name: 'x', patience: 'interactive' }, 422, 'patience'],
    ['a wrong tolerance', { name: 'x', tolerance: '25h' }, 422, 'tolerance'],
  ])('are refused with %s', async (_, body, status, path) => {
    const answer = await admin.call('POST', '/api/keys', { ...operator(), body });
    expect([answer.status, answer.json.errors[0].path]).toEqual([status, path]);
  });

  test.each(['nothing', '00000000-0000-4000-8000-000000000000', "' or true --", '..%2f'])(
    'there is none to revoke at %j',
    async (id) => {
      expect((await admin.call('DELETE', `/api/keys/${encodeURIComponent(id)}`, operator())).status).toBe(404);
    },
  );
});

test('bodies must be JSON, of a sane size, without NUL', async () => {
  const send = (body: string, headers: Record<string, string> = {}) =>
    admin.call('POST', '/api/keys', { ...operator(), body, headers });
  expect((await send('{"name":')).status).toBe(400);
  expect((await send('{"name":"a\\u0000b"}')).status).toBe(400);
  expect((await send('['.repeat(200_000))).status).toBe(400);
  expect((await send(`{"name":"${'x'.repeat(1_100_000)}"}`)).status).toBe(413);
  expect((await send('name=x', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
  expect((await send('{"name":"x"}', { 'content-type': 'text/plain' })).status).toBe(415);
  expect((await send('{"__proto__":{"name":"x"},"name":"polluter"}')).status).toBe(422);
  expect(({} as Record<string, unknown>).name).toBeUndefined();
});

test('operators: the token is shown once and works; the admin stays', async () => {
  const body = { name: 'ana', role: 'operator' };
  const token = admin.tokens.admin;
  const made = await admin.call('POST', '/api/operators', { token, body });
  expect([made.status, made.json.token]).toEqual([201, expect.stringMatching(/^opt_[\w-]{43}$/)]);
  expect((await admin.call('GET', '/api/session', { token: made.json.token })).json.operator).toEqual(body);
  expect((await admin.call('POST', '/api/operators', { token, body })).status).toBe(409);
  expect(
    (await admin.call('POST', '/api/operators', { token, body: { name: 'Offpeak', role: 'viewer' } })).status,
  ).toBe(422);
  const listed = await admin.call('GET', '/api/operators', { token });
  expect(listed.text).not.toContain(made.json.token);
  const { id } = listed.json.operators.find((one: { name: string }) => one.name === 'admin');
  expect((await admin.call('DELETE', `/api/operators/${id}`, { token })).status).toBe(409);
});

test('a price row is added, in force at once, under the operator’s name', async () => {
  const body = {
    model: 'claude-new',
    effectiveFrom: '2026-01-01T00:00:00Z',
    input: '1',
    output: '5',
    cacheWrite5m: '1.25',
    cacheWrite1h: '2',
    cacheRead: '0.1',
    source: 'a test',
  };
  const opened = openedRecord({ arrivedAt: Date.now() - 1_000, model: 'claude-new' });
  const closed = closedRecord(opened);
  const unpriced = closed.attempts.map((attempt) => ({ ...attempt, costPico: null }));
  await new Ingest(admin.deps.pools.hot).write([{ opened, closed: { ...closed, attempts: unpriced } }]);
  const before = await admin.call('GET', '/api/prices', { token: admin.tokens.viewer });
  expect(before.json.unpriced).toEqual([{ model: 'claude-new', requests: 1 }]);

  const put = await admin.call('PUT', '/api/prices', { ...operator(), body });
  expect([put.status, put.json.createdBy, put.json.current, put.json.webSearch]).toEqual([200, 'operator', true, '10']);
  expect(admin.deps.prices.book.priceAt('claude-new', new Date())?.id).toBe(put.json.id);
  const after = await admin.call('GET', '/api/prices', { token: admin.tokens.viewer });
  expect(after.json.unpriced).toEqual([]);
  expect(after.json.prices).toContainEqual(put.json);
  for (const wrong of [
    { input: '1.00001' },
    { input: '-1' },
    { effectiveFrom: '0000-01-01T00:00:00Z' },
    { input: 1 },
  ]) {
    expect((await admin.call('PUT', '/api/prices', { ...operator(), body: { ...body, ...wrong } })).status).toBe(422);
  }
});

test('a price row cannot take the name of another model', async () => {
  const rates = { input: '1', output: '5', cacheWrite5m: '1.25', cacheWrite1h: '2', cacheRead: '0.1' };
  const put = (names: { model: string; aliases?: string[] }) =>
    admin.call('PUT', '/api/prices', {
      ...operator(),
      body: { ...rates, ...names, effectiveFrom: '2026-01-01T00:00:00Z', source: 'a test' },
    });
  const whole = { model: 'claude-base-20260101', aliases: ['claude-base'] };
  expect((await put(whole)).status).toBe(200);
  const underAlias = await put({ model: 'claude-base' });
  expect([underAlias.status, underAlias.json.errors]).toEqual([
    422,
    [{ path: 'model', message: 'is an alias of claude-base-20260101; add the row to that model' }],
  ]);
  const overModel = await put({ model: 'claude-mine', aliases: ['mine', 'claude-base-20260101'] });
  expect([overModel.status, overModel.json.errors[0].path]).toEqual([422, 'aliases.1']);
  const corrected = await put(whole);
  expect(admin.deps.prices.book.priceAt('claude-base', new Date())?.id).toBe(corrected.json.id);
});

test('what goes wrong inside is logged without the statement and its values, and not told', async () => {
  const lines: string[] = [];
  admin.deps.log.error = ((bindings: { err: unknown }) =>
    lines.push(JSON.stringify(describeError(bindings.err)))) as never;
  await admin.deps.pools.hot`alter table keys rename column patience_ms to patience_of_mine`;
  try {
    const answer = await admin.call('POST', '/api/keys', { ...operator(), body: { name: 'canary-name' } });
    expect([answer.status, answer.json]).toEqual([
      500,
      { type: 'error', error: { type: 'api_error', message: 'Internal error in Offpeak' } },
    ]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('42703');
    expect(lines[0]).not.toMatch(/canary|insert into|hmac/);
  } finally {
    await admin.deps.pools.hot`alter table keys rename column patience_of_mine to patience_ms`;
  }
});
