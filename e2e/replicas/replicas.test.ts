import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';
import type { AuditEntry } from '@/lib/contract/audit';
import { type Replica, ReplicaSet } from './replica-set';
import '@/e2e/process/patience';

const MODEL = 'claude-haiku-5-5';
const HELLO = { model: MODEL, max_tokens: 5, messages: [{ role: 'user', content: 'hi [[sim:output=2]]' }] };

let set: ReplicaSet;
let first: Replica;
let second: Replica;
let third: Replica;
beforeAll(async () => {
  set = await ReplicaSet.start({
    simulator: {
      turnaround: { fixedMs: 2_500 },
      sync: { fixed: { [MODEL]: { ttftMs: 100, tokensPerSecond: 100 } } },
      rateLimits: 'off',
    },
  });
});
afterAll(async () => {
  await stopEveryOffpeak();
  await set?.close();
});

async function ask({ origin }: Replica, key: string, body: object = HELLO) {
  const response = await fetch(`${origin}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'anthropic-version': '2026-10-21', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  const told = (name: string) => response.headers.get(`x-offpeak-${name}`) ?? '';
  return { status: response.status, id: told('request-id'), rule: told('rule'), policy: told('policy') };
}

/** How long after `act` every replica met `condition`, ms. */
async function everywhere(act: () => Promise<unknown>, condition: (replica: Replica) => Promise<boolean>) {
  await act();
  const since = performance.now();
  await Promise.all(set.replicas.map((replica) => waitFor('the replica', () => condition(replica))));
  return performance.now() - since;
}

describe('three replicas on one database', () => {
  it('start at the same moment on an empty one: one migrates, the key is made once', async () => {
    [first, second, third] = await Promise.all([set.add(), set.add(), set.add()]);
    const { keys } = await set.api.get<{ keys: { name: string }[] }>('/api/keys');
    expect(keys.map((key) => key.name)).toEqual(['default']);
    const said = set.replicas.map(({ process }) => process.stderr).join('');
    expect(said.match(/"msg":"database migrated"/g)).toHaveLength(1);
  });

  it('obey within 2 s what was published on one, and refuse within 5 s what was revoked on one', async () => {
    const sync = { rules: [], default: { lane: 'sync' } };
    let version = 0;
    const publish = async () => {
      version = await set.publish(sync);
    };
    const obeys = async (replica: Replica) => (await ask(replica, set.apiKey)).policy === String(version);
    expect(await everywhere(publish, obeys)).toBeLessThan(2_000);

    const { id, secret } = await first.api.createKey({ name: 'shared' });
    for (const replica of set.replicas) expect((await ask(replica, secret)).status).toBe(200);
    const revoke = () => second.api.call('DELETE', `/api/keys/${id}`);
    expect(await everywhere(revoke, async (one) => (await ask(one, secret)).status === 401)).toBeLessThan(5_000);
  });

  it('are one dashboard: session, draft, audit and log are the same on each', async () => {
    const session = (method: string, { origin }: Replica, cookie = '', body?: object) =>
      fetch(`${origin}/api/session`, {
        method,
        headers: { cookie, origin: set.balancer.origin, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
    const entered = await session('POST', first, '', { token: first.process.adminToken });
    const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect((await session('GET', second, cookie)).status).toBe(200);
    expect((await session('DELETE', third, cookie)).status).toBe(204);
    expect((await session('GET', first, cookie)).status).toBe(401);

    const document = { rules: [], default: { lane: 'sync' } };
    await first.api.call('PUT', '/api/policy/draft', { document, baseVersion: 2 });
    expect(await second.api.get('/api/policy/draft')).toMatchObject({ draft: { document, baseVersion: 2 } });
    await third.api.call('DELETE', '/api/policy/draft');
    expect(await first.api.get('/api/policy/draft')).toEqual({ draft: null });

    const { entries } = await third.api.get<{ entries: AuditEntry[] }>('/api/audit');
    const actions = entries.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['policy.publish', 'key.create', 'key.revoke']));

    const ids = (await Promise.all(set.replicas.map((replica) => ask(replica, set.apiKey)))).map(({ id }) => id);
    for (const { api } of set.replicas) {
      await waitFor('every call', async () => {
        const rows = await api.requests('status=succeeded');
        return ids.every((id) => rows.some((row) => row.id === id));
      });
    }
  });

  it('know which prompts another, or the one before it in its place, has made upstream keep', async () => {
    const isWarm = { field: 'prefix_warm', op: 'eq', value: true };
    // biome-ignore lint/suspicious/noThenProperty: a rule's action is called so in the policy document.
    const warm = { id: 'warm', name: 'Warm', enabled: true, when: isWarm, then: { lane: 'sync' } };
    const version = await set.publish({ rules: [warm], default: { lane: 'sync' } });
    await waitFor('the policy', async () => (await ask(second, set.apiKey)).policy === String(version));
    const withSystem = (words: string) => ({
      ...HELLO,
      system: [{ type: 'text', text: words.repeat(2_000), cache_control: { type: 'ephemeral' } }],
    });
    const shared = withSystem('Long instructions. ');
    await ask(first, set.apiKey, shared);
    await waitFor('another to know', async () => (await ask(second, set.apiKey, shared)).rule === 'warm');
    const own = withSystem('Other instructions. ');
    await ask(first, set.apiKey, own);
    expect(await set.end(first, 'SIGTERM')).toEqual({ code: 0, signal: null });
    expect((await fetch(`${second.origin}/readyz?strict=1`)).status).toBe(200);
    await set.revive(first);
    expect((await ask(first, set.apiKey, own)).rule).toBe('warm');
  });
});
