import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLoginCode } from '@/lib/store/sessions';
import { type AdminProcess, adminProcess, ORIGIN } from './admin-process';

let admin: AdminProcess;

beforeEach(async () => {
  admin = await adminProcess();
});
afterEach(() => admin.stop());

async function newCode(name = 'opc_a-code-of-a-login-link', at = Date.now()): Promise<string> {
  await createLoginCode(admin.deps.pools.admin, admin.deps.secrets.hmacSession(name), new Date(at));
  return name;
}

function logIn(body: unknown, address = '203.0.113.1') {
  return admin.call('POST', '/api/session', { body, headers: { 'x-offpeak-remote-address': address } });
}

async function cookieOf(body: unknown): Promise<string> {
  const answer = await logIn(body);
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

describe('logging in', () => {
  test('by a code: once, as the built-in admin', async () => {
    const code = await newCode();
    const answer = await logIn({ code });
    expect([answer.status, answer.json]).toEqual([200, { operator: { name: 'admin', role: 'admin' } }]);
    const setCookie = answer.headers.get('set-cookie') ?? '';
    expect(setCookie).toMatch(
      /^offpeak_session=ops_[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Expires=[^;]+; Secure$/,
    );
    const me = await admin.call('GET', '/api/session', { cookie: setCookie.split(';')[0] ?? '' });
    expect(me.json).toEqual({ operator: { name: 'admin', role: 'admin' } });
    expect((await logIn({ code })).status).toBe(401);
  });

  test('by a token, as its operator; the session ends with the log-out', async () => {
    const cookie = await cookieOf({ token: admin.tokens.viewer });
    expect((await admin.call('GET', '/api/session', { cookie: `x=1; ${cookie}` })).json.operator.role).toBe('viewer');
    const out = await admin.call('DELETE', '/api/session', { cookie, origin: ORIGIN });
    expect([out.status, out.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    expect((await admin.call('GET', '/api/session', { cookie })).status).toBe(401);
  });

  test('wrong, used, expired and malformed ones fail alike', async () => {
    const used = await newCode('opc_used-code');
    await logIn({ code: used });
    const expired = await newCode('opc_expired-code', Date.now() - 600_001);
    const answers = [];
    for (const body of [{ code: used }, { code: expired }, { code: 'opc_never-was' }, { token: 'opt_never-was' }]) {
      answers.push(await logIn(body, `203.0.113.${answers.length}`));
    }
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(401);
    expect(answers[0]?.headers.get('set-cookie')).toBeNull();
  });

  test.each([
    {},
    { code: 'short' },
    { code: 'x'.repeat(300) },
    { code: 'opc_12345678', token: 'opt_12345678' },
    { code: 1 },
    [],
    null,
  ])('refuses the body %j', async (body) => {
    const answer = await logIn(body);
    expect([answer.status, answer.json.error.message]).toEqual([
      422,
      expect.stringMatching(/^(code: must have|body: must be .*"code")/),
    ]);
  });

  test('of 200 tries in parallel from one address ten are looked at; the admin’s bearer token works all the while', async () => {
    const code = await newCode();
    const guesses = Array.from({ length: 200 }, (_, i) => logIn({ code: `opc_guess-number-${i}` }));
    const answers = await Promise.all([...guesses, logIn({ code })]);
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(191);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.json.error.type).toBe('rate_limit_error');
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await admin.call('GET', '/api/status', { token: admin.tokens.admin })).status).toBe(200);
    // The code was not looked at, so it was not used up: from elsewhere it still works.
    expect((await logIn({ code }, '198.51.100.7')).status).toBe(200);
  });

  test('of 400 tries spread over 400 addresses 200 are looked at', async () => {
    const guesses = Array.from({ length: 400 }, (_, i) =>
      logIn({ code: `opc_guess-number-${i}` }, `10.0.${i >> 8}.${i & 255}`),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(200);
    expect(statuses.filter((status) => status === 429)).toHaveLength(200);
  });

  test('one IPv6 network is one address; a success costs nothing; forwarding headers are not believed', async () => {
    for (let i = 0; i < 25; i++) expect((await logIn({ token: admin.tokens.viewer })).status).toBe(200);
    const guess = (i: number) =>
      admin.call('POST', '/api/session', {
        body: { token: 'opt_a-wrong-guess' },
        headers: { 'x-offpeak-remote-address': `2001:db8::${i}`, 'x-forwarded-for': `192.0.2.${i}` },
      });
    const statuses = [];
    for (let i = 1; i <= 12; i++) statuses.push((await guess(i)).status);
    expect(statuses.slice(9)).toEqual([401, 429, 429]);
  });
});

describe('a browser that holds the cookie', () => {
  test.each([
    ['our own page', ORIGIN, 'same-origin', 422],
    ['our own page, in an older browser', ORIGIN, undefined, 422],
    ['a foreign page', 'https://evil.test', undefined, 403],
    ['a page of a sibling', `${ORIGIN}.evil.test`, undefined, 403],
    ['a sandboxed frame', 'null', undefined, 403],
    ['no origin', undefined, undefined, 403],
    ['our origin, but not our page', ORIGIN, 'cross-site', 403],
    ['another port', `${ORIGIN}:8443`, 'same-site', 403],
    ['plain http', ORIGIN.replace('https', 'http'), undefined, 403],
  ])('sends an unsafe call from %s', async (_, origin, site, status) => {
    const cookie = await cookieOf({ token: admin.tokens.admin });
    const headers = site === undefined ? {} : { 'sec-fetch-site': site };
    const made = await admin.call('POST', '/api/keys', { cookie, origin, headers, body: {} });
    expect(made.status).toBe(status);
    if (status === 403)
      expect((await admin.call('DELETE', '/api/session', { cookie, origin, headers })).status).toBe(403);
    expect((await admin.call('GET', '/api/keys', { cookie, origin: 'https://evil.test' })).status).toBe(200);
  });

  test('may not be logged in by a foreign page; a script without an origin may log in', async () => {
    const body = { token: admin.tokens.viewer };
    for (const origin of ['https://evil.test', 'null']) {
      expect((await admin.call('POST', '/api/session', { body, origin })).status).toBe(403);
    }
    expect((await admin.call('POST', '/api/session', { body })).status).toBe(200);
    expect((await admin.call('POST', '/api/session', { body, origin: ORIGIN })).status).toBe(200);
  });

  test('is out when a wrong bearer token comes along, and when the operator is deleted', async () => {
    const cookie = await cookieOf({ token: admin.tokens.viewer });
    expect((await admin.call('GET', '/api/session', { cookie, token: 'opt_wrong-token' })).status).toBe(401);
    const { json } = await admin.call('GET', '/api/operators', { token: admin.tokens.admin });
    const { id } = json.operators.find((one: { name: string }) => one.name === 'viewer');
    expect((await admin.call('DELETE', `/api/operators/${id}`, { token: admin.tokens.admin })).status).toBe(204);
    expect((await admin.call('GET', '/api/session', { cookie })).status).toBe(401);
    expect((await admin.call('GET', '/api/session', { token: admin.tokens.viewer })).status).toBe(401);
  });
});
