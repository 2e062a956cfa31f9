import Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Offpeak, startOffpeak, stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';
import type { BatchesAnswer } from '@/lib/contract/batches';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';
import '@/e2e/process/patience';

const CALLERS = 40;
const PORT_OF = (origin: string) => new URL(origin).port;

let api: Simulator;
let offpeak: Offpeak;
// Each try on data of its own: what an earlier one has sent counts in none.
beforeEach(async () => {
  api = await startSimulator({ quiet: true, sync: { instant: true } });
  offpeak = await startOffpeak({
    env: { OFFPEAK_UPSTREAM_URL: api.url, ANTHROPIC_API_KEY: 'sim-key', OFFPEAK_DRAIN_SECONDS: '3' },
  });
  await publish({ lane: 'batch', window: '0ms', deadline: '1h' });
});
afterEach(async () => {
  await stopEveryOffpeak();
  await api?.close();
});

async function publish(action: object): Promise<void> {
  const admin = { authorization: `Bearer ${offpeak.adminToken}`, 'content-type': 'application/json' };
  const { version } = (await (await fetch(`${offpeak.origin}/api/policy`, { headers: admin })).json()) as {
    version: number;
  };
  const answer = await fetch(`${offpeak.origin}/api/policy`, {
    method: 'PUT',
    headers: admin,
    body: JSON.stringify({ baseVersion: version, document: { rules: [], default: action } }),
  });
  expect(answer.status).toBe(200);
}

const client = (maxRetries: number) =>
  new Anthropic({ baseURL: offpeak.origin, apiKey: offpeak.apiKey, maxRetries, timeout: 60_000 });
const ask = (what: string, caller: number) => ({
  model: 'claude-sonnet-5-5',
  max_tokens: 64,
  messages: [{ role: 'user' as const, content: `${what} ${caller}` }],
});
const sent = () =>
  api.batches().reduce((sum, { request_counts: counts }) => sum + Object.values(counts).reduce((a, b) => a + b, 0), 0);
async function batchStates(): Promise<string[]> {
  const { rows } = await offpeak.api.get<BatchesAnswer>('/api/batches');
  return rows.map(({ state }) => state);
}
function finishAll(): void {
  for (const batch of api.batches()) if (batch.processing_status !== 'ended') api.finishBatch(batch.id);
}

describe('kill -9 while callers wait', () => {
  it('loses no call and pays for none twice: the retries find their items', async () => {
    // The same port again, as a service would have it: the callers come back to it by themselves.
    const port = PORT_OF(offpeak.origin);
    const calls = Array.from({ length: CALLERS }, (_, i) => client(30).messages.create(ask('kill', i)));
    const all = Promise.allSettled(calls);
    await waitFor('every call upstream', () => sent() === CALLERS);
    // A process that dies before it has written what it made is another test; its batch is looked for after its lease.
    await waitFor('every batch known', async () => (await batchStates()).every((state) => state === 'open'));
    await offpeak.kill('SIGKILL');
    finishAll();
    await offpeak.start({ PORT: port });
    const outcomes = await all;
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(sent()).toBe(CALLERS);
    expect(api.ledger().entries.filter(({ kind, billed }) => kind === 'sync' && billed)).toEqual([]);
    await waitFor('every call in the log, once', async () => {
      const rows = await offpeak.api.requests();
      return (
        rows.length === CALLERS && rows.every(({ state, servedBy }) => state === 'succeeded' && servedBy === 'batch')
      );
    });
  });
});

describe('SIGTERM while callers wait', () => {
  it('tells them to come back, ends in time with 0, and the next process answers them', async () => {
    const port = PORT_OF(offpeak.origin);
    const first = Array.from({ length: CALLERS }, (_, i) =>
      client(0)
        .messages.create(ask('term', i))
        .catch((error: unknown) => error),
    );
    await waitFor('every call upstream', () => sent() === CALLERS);
    const exit = await offpeak.kill('SIGTERM');
    expect(exit.code).toBe(0);
    for (const outcome of await Promise.all(first)) {
      expect(outcome).toMatchObject({ status: 504, type: 'timeout_error' });
    }
    await offpeak.start({ PORT: port });
    finishAll();
    const retried = Array.from({ length: CALLERS }, (_, i) =>
      client(0).messages.create(ask('term', i), { headers: { 'x-stainless-retry-count': '1' } }),
    );
    expect((await Promise.all(retried)).every(({ usage }) => usage.service_tier === 'batch')).toBe(true);
    expect(sent()).toBe(CALLERS);
  });
});
