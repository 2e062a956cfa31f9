import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join, relative } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postmasterPid } from '@/e2e/process/end-orphan-postgres';
import { type Offpeak, startOffpeak, stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';
import { withFault } from '@/e2e/process/with-fault';
import { DOORS } from '@/lib/contract/doors';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';
import '@/e2e/process/patience';

/** Of this run only: where one turns up, something let it through. */
const canary = (name: string) => `canary-${name}-${randomBytes(6).toString('hex')}`;
const CANARIES = {
  upstreamKey: canary('upstream'),
  clientKey: canary('client'),
  unknownKey: canary('unknown'),
  ownKey: canary('own'),
  adminToken: canary('admin'),
  prompt: canary('prompt'),
  answer: canary('answer'),
  cookie: canary('cookie'),
  madeKey: '',
};
const CLIENT_KEY = `opk_aaaa-${CANARIES.clientKey}-zzzz`;

let api: Simulator;
let offpeak: Offpeak;
beforeAll(async () => {
  api = await startSimulator({ sync: { instant: true } });
  offpeak = await startOffpeak({
    env: {
      OFFPEAK_UPSTREAM_URL: api.url,
      ANTHROPIC_API_KEY: `sk-ant-${CANARIES.upstreamKey}`,
      OFFPEAK_API_KEY: CLIENT_KEY,
      OFFPEAK_ADMIN_TOKEN: `opt_${CANARIES.adminToken}`,
      OFFPEAK_PASSTHROUGH: 'on',
    },
  });
});
afterAll(async () => {
  await stopEveryOffpeak();
  await api?.close();
});

const PROMPT = `the prompt ${CANARIES.prompt} [[sim:text=the answer ${CANARIES.answer}]]`;
const message = (over: Record<string, unknown> = {}) =>
  JSON.stringify({
    model: 'claude-haiku-5-5',
    max_tokens: 50,
    system: PROMPT,
    messages: [{ role: 'user', content: PROMPT }],
    ...over,
  });

interface Sent {
  key?: string;
  headers?: Record<string, string>;
  path?: string;
}

async function post(body: string, { key = CLIENT_KEY, headers = {}, path = '/v1/messages' }: Sent = {}) {
  const own = { 'x-api-key': key, 'anthropic-version': '2026-10-21', 'content-type': 'application/json' };
  const cookie = `session=${CANARIES.cookie}`;
  const options = { method: 'POST', headers: { ...own, cookie, ...headers }, body };
  const response = await fetch(offpeak.origin + path, options).catch(() => null);
  await response?.text().catch(() => '');
  return response?.status ?? 0;
}

/** Every way to fail that comes to mind, each with something in it that nobody may read later. */
async function misbehave(): Promise<void> {
  for (const stream of [true, false]) {
    await post(message({ stream }));
    await post(message({ stream }), { key: `sk-ant-${CANARIES.ownKey}` });
    await post(message({ stream }), { key: 'x', headers: { authorization: `Bearer ${CANARIES.ownKey}` } });
    for (const fault of [
      { kind: 'error', status: 500 },
      { kind: 'error', status: 429, retryAfterSeconds: 1 },
      { kind: 'error', status: 400, message: 'plain words of the API' },
      { kind: 'reset', when: 'before_work' },
      { kind: 'reset', when: 'mid_body' },
      { kind: 'truncate' },
    ] as const) {
      await withFault([api], { fault }, () => post(message({ stream })));
    }
  }
  await post(`{"model": "${CANARIES.prompt} is not valid JSON`);
  await post(message({ max_tokens: CANARIES.prompt }));
  await post(message(), { key: `opk_${CANARIES.unknownKey}` });
  await post(message(), { headers: { 'x-offpeak-tolerance': CANARIES.prompt } });
  await post(message(), { headers: { 'idempotency-key': CANARIES.prompt } });
  await post(message(), { path: '/v1/messages/count_tokens' });
  await post(JSON.stringify({ requests: [{ custom_id: 'a', params: JSON.parse(message()) }] }), {
    path: '/v1/messages/batches',
  });
  await hangUp();
}

async function hangUp(): Promise<void> {
  await withFault([api], { fault: { kind: 'silence', when: 'before_headers' } }, async () => {
    const since = api.requests().length;
    const headers = { 'x-api-key': CLIENT_KEY, 'anthropic-version': '2026-10-21', 'content-type': 'application/json' };
    const request = httpRequest(`${offpeak.origin}/v1/messages`, { method: 'POST', headers });
    request.on('error', () => undefined).end(message());
    await waitFor('the call upstream', () => api.requests().length > since);
    request.destroy();
  });
}

/** The admin API, with secrets where they do not belong. */
async function misbehaveAsOperator(): Promise<void> {
  const made = await offpeak.api.call<{ secret?: string }>('POST', '/api/keys', {
    name: `key ${randomBytes(4).toString('hex')}`,
  });
  CANARIES.madeKey ||= made.body.secret?.slice(8, -4) ?? '';
  await offpeak.api.call('POST', '/api/keys', { name: CANARIES.prompt.repeat(20) });
  await offpeak.api.call('POST', '/api/session', { token: `opt_${CANARIES.unknownKey}` });
  await offpeak.api.call('GET', `/api/requests?q=${CANARIES.prompt}`);
  await offpeak.api.call('GET', `/api/requests?${CANARIES.prompt}=1`);
  const headers = { authorization: `Bearer opt_${CANARIES.unknownKey}` };
  await fetch(`${offpeak.origin}/api/keys`, { headers }).then((response) => response.text());
}

function expectClean(where: string, text: string): void {
  for (const [name, secret] of Object.entries(CANARIES)) {
    if (secret !== '' && text.includes(secret)) throw new Error(`${name} is in ${where}`);
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe('with bodies not stored, no secret and no word of a body is kept or told', () => {
  it('while everything goes wrong, the database included', async () => {
    await misbehave();
    await misbehaveAsOperator();
    const pid = await waitFor('the database', () => postmasterPid(offpeak.dataDir));
    process.kill(pid, 'SIGKILL');
    await Promise.all([misbehave(), misbehaveAsOperator()]);
    await waitFor('the database to be back', async () => (await fetch(`${offpeak.origin}/readyz?strict=1`)).ok);
    await misbehaveAsOperator();
    expect(CANARIES.madeKey.length).toBeGreaterThan(20);
    await waitFor('the log to be complete', async () => (await offpeak.api.status()).spool.pending === 0);
    const states = new Set((await offpeak.api.requests()).map((row) => row.state));
    expect([...states].sort()).toEqual(['aborted', 'failed', 'refused', 'succeeded']);
    expect(offpeak.stderr).toContain('upstream call failed');
  });

  it('not on stdout or stderr', () => {
    expectClean('stdout', offpeak.stdout);
    expectClean('stderr', offpeak.stderr);
  });

  it('not at /metrics, and not in any answer of the admin API', async () => {
    expectClean('/metrics', await offpeak.api.text('/metrics'));
    const [row] = await offpeak.api.requests();
    for (const door of Object.keys(DOORS)) {
      const [method, path = ''] = door.split(' ');
      if (method !== 'GET') continue;
      const answer = await offpeak.api.text(path.replace('{id}', row?.id ?? ''));
      expectClean(path, answer);
    }
    for (const { id } of await offpeak.api.requests())
      expectClean(`request ${id}`, await offpeak.api.text(`/api/requests/${id}`));
    for (const page of ['/', '/login', '/requests', '/keys', '/settings']) {
      expectClean(`page ${page}`, await offpeak.api.text(page));
    }
  });

  it('not in any table', async () => {
    const { databaseUrl } = JSON.parse(await readFile(join(offpeak.dataDir, 'running.json'), 'utf8')) as {
      databaseUrl: string;
    };
    const sql = postgres(databaseUrl, { max: 1 });
    const tables = await sql<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema')`;
    expect(tables.length).toBeGreaterThan(8);
    for (const { name } of tables) {
      const rows = await sql.unsafe(`select t::text as line from ${name} t`);
      expectClean(`table ${name}`, rows.map((row) => String(row.line)).join('\n'));
    }
    await sql.end();
  });

  it('not in any file of the data folder, the cluster’s own files included', async () => {
    expect(await offpeak.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    const files = await filesBelow(offpeak.dataDir);
    expect(files.map((file) => relative(offpeak.dataDir, file)).filter((file) => file.startsWith('spool'))).not.toEqual(
      [],
    );
    for (const file of files) {
      expectClean(relative(offpeak.dataDir, file), (await readFile(file)).toString('latin1'));
    }
    expectClean('stderr', offpeak.stderr);
  });
});
