import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive, postmasterPid } from '@/e2e/process/end-orphan-postgres';
import { type Offpeak, startOffpeak, stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';
import { withFault } from '@/e2e/process/with-fault';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';
import '@/e2e/process/patience';

let api: Simulator;
let offpeak: Offpeak;
beforeAll(async () => {
  api = await startSimulator({ sync: { instant: true } });
  offpeak = await startOffpeak({ env: { OFFPEAK_UPSTREAM_URL: api.url, ANTHROPIC_API_KEY: 'sim-key' } });
});
afterAll(async () => {
  await stopEveryOffpeak();
  await api?.close();
});

const STREAM = {
  model: 'claude-haiku-5-5',
  max_tokens: 300,
  stream: true,
  messages: [{ role: 'user', content: '[[sim:output=200]] tell me' }],
};

/** A stream under way: it has begun, and `whole` is what comes of it. */
async function begin() {
  const response = await fetch(`${offpeak.origin}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': offpeak.apiKey, 'anthropic-version': '2026-10-21', 'content-type': 'application/json' },
    body: JSON.stringify(STREAM),
  });
  const id = response.headers.get('x-offpeak-request-id') ?? '';
  const whole = response.text().then(
    (text) => (text.includes('event: message_stop') ? 'whole' : 'short'),
    () => 'cut',
  );
  return { id, whole };
}

async function statesOf(ids: readonly string[]) {
  const rows = await offpeak.api.requests();
  return ids.map((id) => rows.find((row) => row.id === id)?.state);
}

describe('SIGTERM with calls under way', () => {
  it('is not ready at once, takes no new call, lets streams finish, ends with 0 and leaves nothing behind', async () => {
    const slow = { kind: 'drip', bytes: 400, everyMs: 50 } as const;
    const running = await withFault([api], { fault: slow }, async () => {
      const all = await Promise.all(Array.from({ length: 20 }, begin));
      expect((await fetch(`${offpeak.origin}/readyz`)).status).toBe(200);
      offpeak.signal('SIGTERM');
      await waitFor('Offpeak not to be ready', async () => (await fetch(`${offpeak.origin}/readyz`)).status === 503);
      expect(offpeak.exit).toBeNull();
      const late = await fetch(`${offpeak.origin}/v1/models`, {
        headers: { 'x-api-key': offpeak.apiKey, 'anthropic-version': '2026-10-21' },
      });
      expect([late.status, late.headers.get('retry-after')]).toEqual([529, '1']);
      expect(await late.json()).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
      expect((await fetch(`${offpeak.origin}/healthz`)).status).toBe(200);
      return all;
    });
    const database = await postmasterPid(offpeak.dataDir);
    expect(await Promise.all(running.map((call) => call.whole))).toEqual(running.map(() => 'whole'));
    await waitFor('Offpeak to end', () => offpeak.exit !== null);
    expect(offpeak.exit).toEqual({ code: 0, signal: null });
    // Its last breath may be drawn a moment after ours.
    await waitFor('the database to be gone', () => database === null || !isAlive(database));
    await offpeak.start();
    expect(await statesOf(running.map((call) => call.id))).toEqual(running.map(() => 'succeeded'));
  });

  it('cuts what outlives the grace, and the log says that it was interrupted', async () => {
    await offpeak.restart({ OFFPEAK_DRAIN_SECONDS: '0.2' });
    const stuck = { kind: 'silence', when: 'mid_body', after: 3 } as const;
    const running = await withFault([api], { fault: stuck }, () => Promise.all([begin(), begin(), begin()]));
    const sentAt = performance.now();
    expect(await offpeak.kill('SIGINT')).toEqual({ code: 0, signal: null });
    expect(performance.now() - sentAt).toBeLessThan(5_000);
    expect(await Promise.all(running.map((call) => call.whole))).toEqual(running.map(() => 'cut'));
    await waitFor('upstream to be aborted', () =>
      api
        .requests()
        .slice(-3)
        .every((one) => one.abortedByClient),
    );
    await offpeak.start();
    expect(await statesOf(running.map((call) => call.id))).toEqual(running.map(() => 'interrupted'));
  });

  it('lets a slow reader have the rest of an answer that is complete', async () => {
    const whole = Buffer.alloc(24 * 1024 * 1024, 'x');
    const large = createServer((_, response) => void response.end(whole));
    await new Promise<void>((resolve) => large.listen(0, '127.0.0.1', resolve));
    await offpeak.restart({ OFFPEAK_UPSTREAM_URL: `http://127.0.0.1:${(large.address() as AddressInfo).port}` });
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { headers: { 'x-api-key': offpeak.apiKey }, agent: false } as const;
      get(`${offpeak.origin}/v1/models`, options, resolve).on('error', reject);
    });
    answer.pause();
    offpeak.signal('SIGTERM');
    const isReady = () => fetch(`${offpeak.origin}/readyz`).then((probe) => probe.ok);
    await waitFor('Offpeak not to be ready', async () => !(await isReady().catch(() => false)));
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    large.close();
    expect(Buffer.concat(chunks).equals(whole)).toBe(true);
    await waitFor('Offpeak to end', () => offpeak.exit !== null);
    expect(offpeak.exit).toEqual({ code: 0, signal: null });
    await offpeak.start();
  });

  it('ends at once when nothing is under way', async () => {
    const sentAt = performance.now();
    expect(await offpeak.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(performance.now() - sentAt).toBeLessThan(3_000);
  });

  it('in the middle of a start ends it, without a word on stdout', async () => {
    const child = offpeak.launch();
    await waitFor('its database to run', () => postmasterPid(offpeak.dataDir));
    expect((await child.kill('SIGTERM')).code).toBe(0);
    expect(child.stdout).toBe('');
    await waitFor('its database to end', async () => (await postmasterPid(offpeak.dataDir)) === null);
  });
});
