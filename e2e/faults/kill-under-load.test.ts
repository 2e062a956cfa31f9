import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Load } from '@/e2e/process/load';
import { type Offpeak, startOffpeak, stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';
import type { RequestRow } from '@/lib/contract/requests';
import { parseUsd } from '@/lib/core/money';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';
import '@/e2e/process/patience';

const MODEL = 'claude-haiku-5-5';
let api: Simulator;
let offpeak: Offpeak;
beforeAll(async () => {
  // Slow enough that a kill always finds calls before their headers, in their bodies and between two.
  api = await startSimulator({
    sync: { fixed: { [MODEL]: { ttftMs: 40, tokensPerSecond: 400 } } },
    rateLimits: 'off',
    recordedRequests: 100_000,
  });
  offpeak = await startOffpeak({ env: { OFFPEAK_UPSTREAM_URL: api.url, ANTHROPIC_API_KEY: 'sim-key' } });
});
afterAll(async () => {
  await stopEveryOffpeak();
  await api?.close();
});

const body = (call: number) =>
  JSON.stringify({
    model: MODEL,
    max_tokens: 200,
    stream: call % 2 === 0,
    messages: [{ role: 'user', content: `question ${call} [[sim:output=${20 + (call % 60)}]]` }],
  });

const callOf = (row: RequestRow) => Number(row.tags.call);

describe('kill -9 during 200 concurrent calls', () => {
  it('loses no call, doubles none, and every cent is in the log', async () => {
    const load = new Load({ origin: () => offpeak.origin, key: offpeak.apiKey, concurrency: 200, body });
    for (const least of [300, 600]) {
      await waitFor('calls to be under way', () => load.done.filter((one) => one.whole).length >= least);
      await offpeak.kill('SIGKILL');
      await offpeak.start();
    }
    await waitFor('calls after the restart', () => load.done.filter((one) => one.whole).length >= 900);
    const called = await load.stop();
    await waitFor('the log to be complete', async () => (await offpeak.api.status()).spool.pending === 0);

    const rows = await offpeak.api.requests();
    const byCall = new Map<number, RequestRow[]>();
    for (const row of rows) byCall.set(callOf(row), [...(byCall.get(callOf(row)) ?? []), row]);
    expect([...byCall.values()].filter((same) => same.length !== 1)).toEqual([]);
    expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
    const states = new Set(rows.map((row) => row.state));
    expect([...states].filter((state) => !['succeeded', 'aborted', 'interrupted'].includes(state))).toEqual([]);
    expect(rows.filter((row) => row.state === 'interrupted').length).toBeGreaterThan(0);

    // Whatever reached the API has its row; whatever a client got whole is a success.
    const callOfRequest = new Map(
      api.requests().map((one) => [one.requestId, Number(new Map(one.headers).get('x-call'))]),
    );
    const reached = [...callOfRequest.values()].filter((call) => !Number.isNaN(call));
    expect(reached.filter((call) => !byCall.has(call))).toEqual([]);
    const delivered = called.filter((one) => one.whole);
    expect(delivered.filter((one) => one.status !== 200)).toEqual([]);
    expect(delivered.filter(({ call }) => byCall.get(call)?.[0]?.state !== 'succeeded')).toEqual([]);

    const billed = new Map<number, bigint>();
    for (const { requestId, costPicoUsd } of api.ledger().entries) {
      const call = callOfRequest.get(requestId ?? '') ?? -1;
      billed.set(call, (billed.get(call) ?? 0n) + BigInt(costPicoUsd ?? 0));
    }
    const wrong = rows
      .filter((row) => row.state === 'succeeded')
      .filter((row) => parseUsd(row.costUsd ?? '') !== billed.get(callOf(row)));
    expect(wrong).toEqual([]);
  });
});
