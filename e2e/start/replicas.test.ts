import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { newOffpeak, type Offpeak, stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';
import '@/e2e/process/patience';

/** Empty, without a single table. */
const name = `empty_${randomBytes(6).toString('hex')}`;
let api: Simulator;
let one: Offpeak;
let other: Offpeak;

async function administer(statement: string): Promise<void> {
  const sql = postgres(inject('clusterUrl'), { max: 1, onnotice: () => undefined });
  await sql.unsafe(statement);
  await sql.end();
}

beforeAll(async () => {
  await administer(`create database ${name}`);
  const url = new URL(inject('clusterUrl'));
  url.pathname = `/${name}`;
  api = await startSimulator({ sync: { instant: true } });
  const env = {
    DATABASE_URL: url.href,
    OFFPEAK_SECRET_KEY: 'root-secret-of-both-replicas',
    OFFPEAK_UPSTREAM_URL: api.url,
    ANTHROPIC_API_KEY: 'sim-key',
  };
  one = await newOffpeak({ env });
  other = await newOffpeak({ env });
});
afterAll(async () => {
  await stopEveryOffpeak();
  await administer(`drop database if exists ${name} with (force)`);
  await api?.close();
});

const HELLO = { model: 'claude-haiku-5-5', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] };
const PROMPT = {
  ...HELLO,
  system: [{ type: 'text', text: 'Long instructions. '.repeat(2_000), cache_control: { type: 'ephemeral' } }],
};

async function ask(offpeak: Offpeak, key: string, body: object = HELLO) {
  const response = await fetch(`${offpeak.origin}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'anthropic-version': '2026-10-21', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  const told = (name: string) => response.headers.get(`x-offpeak-${name}`) ?? '';
  return { status: response.status, id: told('request-id'), rule: told('rule'), policy: told('policy') };
}

describe('two replicas on one database', () => {
  it('start at the same moment on an empty one: both migrate, neither twice, the key is made once', async () => {
    await Promise.all([one.start(), other.start()]);
    const { keys } = await one.api.get<{ keys: { name: string }[] }>('/api/keys');
    expect(keys.map((key) => key.name)).toEqual(['default']);
    const applied = `${one.stderr}${other.stderr}`.match(/"msg":"database migrated"/g) ?? [];
    expect(applied).toHaveLength(1);
  });

  it('know each other’s keys at once, and forget a revoked one', async () => {
    const { id, secret } = await one.api.createKey({ name: 'shared' });
    expect((await ask(other, secret)).status).toBe(200);
    expect((await other.api.call('DELETE', `/api/keys/${id}`)).status).toBe(204);
    await waitFor('the key to be refused', async () => (await ask(one, secret)).status === 401, 5_000);
  });

  it('share one log', async () => {
    const ids = [(await ask(one, one.apiKey)).id, (await ask(other, one.apiKey)).id];
    for (const offpeak of [one, other]) {
      await waitFor('both calls', async () => {
        const rows = await offpeak.api.requests('status=succeeded');
        return ids.every((id) => rows.some((row) => row.id === id));
      });
    }
  });

  it('know which prompts the other, or the one before it in its place, has made upstream keep', async () => {
    const { version } = await one.api.get<{ version: number }>('/api/policy');
    const isWarm = { field: 'prefix_warm', op: 'eq', value: true };
    // biome-ignore lint/suspicious/noThenProperty: a rule's action is called so in the policy document.
    const warm = { id: 'warm', name: 'Warm', enabled: true, when: isWarm, then: { lane: 'sync' } };
    const document = { rules: [warm], default: { lane: 'sync' } };
    expect((await one.api.call('PUT', '/api/policy', { document, baseVersion: version })).status).toBe(200);
    await waitFor('the policy', async () => (await ask(other, one.apiKey)).policy === String(version + 1));
    expect((await ask(one, one.apiKey, PROMPT)).rule).toBe('default');
    await waitFor('the other to know', async () => (await ask(other, one.apiKey, PROMPT)).rule === 'warm', 10_000);

    const own = { ...PROMPT, system: [{ ...PROMPT.system[0], text: 'Other instructions. '.repeat(2_000) }] };
    await ask(one, one.apiKey, own);
    await one.kill('SIGTERM');
    await one.start();
    expect((await ask(one, other.apiKey, own)).rule).toBe('warm');
  });

  it('stop one by one without the other’s callers noticing', async () => {
    expect(await one.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect((await ask(other, other.apiKey)).status).toBe(200);
    expect((await fetch(`${other.origin}/readyz?strict=1`)).status).toBe(200);
  });
});
