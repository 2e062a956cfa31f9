import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '@/e2e/process/fault-proxy';
import { Load } from '@/e2e/process/load';
import { CLIENT_KEY, type Gateway, startGateway } from '@/e2e/process/start-gateway';
import { waitFor } from '@/e2e/process/wait-for';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';
import { createKey, keySecret } from '@/lib/store/keys';
import { PLAIN_KEY } from '@/lib/testing/plain-key';
import '@/e2e/process/patience';

let api: Simulator;
beforeAll(async () => {
  api = await startSimulator({ sync: { instant: true } });
});
afterAll(() => api?.close());

const body = (call: number) =>
  JSON.stringify({
    model: 'claude-haiku-5-5',
    max_tokens: 20,
    stream: call % 2 === 0,
    messages: [{ role: 'user', content: 'hi' }],
  });

async function ask(gateway: Gateway, key: string) {
  const startedAt = performance.now();
  const response = await fetch(`${gateway.origin}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'anthropic-version': '2026-10-21', 'content-type': 'application/json' },
    body: body(1),
    // Whoever hangs here hangs for ever.
    signal: AbortSignal.timeout(20_000),
  });
  const answer = (await response.json()) as { error?: { type: string } };
  return { response, answer, ms: performance.now() - startedAt };
}

const ready = (gateway: Gateway, query = '') => fetch(`${gateway.origin}/readyz${query}`);

/** Calls all through an outage; answers what the clients saw. */
async function throughOutage(gateway: Gateway, modes: readonly Mode[], least: number, during: () => Promise<void>) {
  const load = new Load({ origin: () => gateway.origin, key: CLIENT_KEY, concurrency: 8, body });
  await waitFor('calls before the outage', () => load.done.length >= 50);
  for (const mode of modes) {
    gateway.databaseProxy.mode = mode;
    if (mode !== 'hold') gateway.databaseProxy.reset();
    const before = load.done.length;
    await waitFor('calls during the outage', () => load.done.length >= before + least);
  }
  await during();
  gateway.databaseProxy.mode = 'pass';
  gateway.databaseProxy.reset();
  const before = load.done.length;
  await waitFor('calls after the outage', () => load.done.length >= before + 50);
  return load.stop();
}

describe.each<[string, Mode[]]>([
  ['refuses connections', ['refuse']],
  ['ends connections politely', ['close']],
  ['answers nothing at all', ['hold']],
  ['comes and goes', ['refuse', 'pass', 'close', 'pass', 'refuse', 'pass', 'refuse']],
])('a database that %s', (_, modes) => {
  it('costs known keys nothing: no error, no row; unknown keys hear 529 and when to come again', async () => {
    const gateway = await startGateway({ upstreamUrl: api.url, faultyDatabase: true });
    try {
      const called = await throughOutage(gateway, modes, 60, async () => {
        const { response, answer, ms } = await ask(gateway, 'opk_unknown-unknown-unknown-unknown');
        expect([response.status, answer.error?.type]).toEqual([529, 'overloaded_error']);
        expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(ms).toBeLessThan(8_000);
        // What cannot be a key needs no database to be refused.
        expect((await ask(gateway, 'opk_short')).response.status).toBe(401);
        expect((await ask(gateway, 'sk-ant-x')).response.status).toBe(401);
        await waitFor(
          'the outage to be noticed',
          async () => (await ready(gateway, '?strict=1')).status === 503,
          15_000,
        );
        expect((await ready(gateway)).status).toBe(200);
        expect(await (await ready(gateway)).json()).toMatchObject({ database: 'down' });
      });
      expect(called.filter((one) => one.status !== 200 || !one.whole)).toEqual([]);

      await waitFor('the database to be back', async () => (await ready(gateway, '?strict=1')).status === 200);
      await waitFor('the spool to be empty', () => gateway.deps.spool.shipper.pending === 0);
      const rows = await gateway.logged(called.length);
      const logged = rows.filter((row) => row.state === 'succeeded').map((row) => Number(row.tags.call));
      expect(logged.sort((a, b) => a - b)).toEqual(called.map((one) => one.call).sort((a, b) => a - b));
      expect((await ask(gateway, 'opk_unknown-unknown-unknown-unknown')).response.status).toBe(401);
    } finally {
      await gateway.close();
    }
  });
});

it('a key made elsewhere works as soon as the database is back', async () => {
  const gateway = await startGateway({ upstreamUrl: api.url, faultyDatabase: true });
  try {
    gateway.databaseProxy.mode = 'refuse';
    gateway.databaseProxy.reset();
    const secret = 'opk_made-elsewhere-during-the-outage';
    await createKey(gateway.database.pools.admin, {
      ...keySecret(secret, (text) => gateway.deps.secrets.hmacKey(text)),
      name: 'elsewhere',
      ...PLAIN_KEY,
    });
    expect((await ask(gateway, secret)).response.status).toBe(529);
    gateway.databaseProxy.mode = 'pass';
    await waitFor('the key to work', async () => (await ask(gateway, secret)).response.status === 200);
  } finally {
    await gateway.close();
  }
});
