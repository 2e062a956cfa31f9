import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Anthropic from '@anthropic-ai/sdk';
import { expect, it } from 'vitest';
import { startSimulator } from './start-simulator';

const params = {
  model: 'claude-sonnet-5-5',
  max_tokens: 100,
  messages: [{ role: 'user' as const, content: 'Hi' }],
};

interface Running {
  url: string;
  controlUrl: string;
  controlToken: string;
  kill: (signal: NodeJS.Signals) => Promise<void>;
}

async function run(...flags: string[]): Promise<Running> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('run.ts', import.meta.url)), '--instant', ...flags],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = await once(child.stdout, 'data');
  const kill = async (signal: NodeJS.Signals) => {
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  };
  return { ...JSON.parse(String(line)), kill };
}

const controlOf =
  ({ controlUrl, controlToken }: Omit<Running, 'kill' | 'url'>) =>
  async (method: string, path: string, body?: unknown) => {
    const response = await fetch(controlUrl + path, {
      method,
      headers: { authorization: `Bearer ${controlToken}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, json: await response.json() };
  };

it('controls a running simulator, with its token only', async () => {
  const simulator = await startSimulator({ sync: { instant: true } });
  const control = controlOf(simulator);
  const client = new Anthropic({ apiKey: 'key-a', baseURL: simulator.url, maxRetries: 0 });
  await control('PUT', '/turnaround', { fixedMs: 5_000 });
  await control('POST', '/faults', { id: 'one', endpoint: 'messages', nth: 2, fault: { kind: 'error', status: 529 } });
  await client.messages.create(params);
  await expect(client.messages.create(params)).rejects.toMatchObject({ status: 529 });
  await client.messages.batches.create({ requests: [{ custom_id: 'a', params }] });
  const before = (await control('GET', '/clock')).json.now;
  expect((await control('POST', '/clock/advance', { ms: 5_001 })).json.now).toBeGreaterThan(before + 5_000);
  const { batches } = (await control('GET', '/batches')).json;
  expect(batches).toMatchObject([{ processing_status: 'ended', customIds: ['a'] }]);
  expect((await control('GET', '/ledger/totals')).json).toMatchObject({ billed: 2, unbilled: 1 });
  expect((await control('GET', '/ledger')).json.entries).toHaveLength(3);
  const { requests } = (await control('GET', '/requests?bodies=1')).json;
  expect(requests).toHaveLength(3);
  expect(requests[0]).toMatchObject({ method: 'POST', path: '/v1/messages', status: 200, abortedByClient: false });
  expect(requests[0].headers).toContainEqual(['anthropic-version', '2026-10-21']);
  expect(JSON.parse(Buffer.from(requests[0].body, 'base64').toString())).toEqual(params);
  expect(requests[0].bodySha256).toMatch(/^[0-9a-f]{64}$/);
  expect((await control('GET', '/faults')).json.faults).toMatchObject([{ id: 'one', seen: 2, struck: 1 }]);
  await control('POST', '/reset');
  expect((await control('GET', '/ledger/totals')).json).toMatchObject({ billed: 0 });
  expect((await control('GET', '/nothing')).status).toBe(404);
  expect((await fetch(`${simulator.controlUrl}/ledger`)).status).toBe(401);
  await simulator.close();
  await expect(fetch(simulator.controlUrl)).rejects.toThrow();
});

it('paces answers and lets the clock wake them', async () => {
  const simulator = await startSimulator({
    sync: { fixed: { 'claude-sonnet-5-5': { ttftMs: 3_600_000, tokensPerSecond: 1 } } },
  });
  const client = new Anthropic({ apiKey: 'key-a', baseURL: simulator.url, maxRetries: 0 });
  const answer = client.messages.create(params);
  await expect.poll(() => simulator.requests()).toHaveLength(1);
  simulator.advance(4 * 3_600_000);
  expect((await answer).type).toBe('message');
  const leaver = client.messages.create(params, { signal: AbortSignal.timeout(30) });
  await expect(leaver).rejects.toThrow(/abort/i);
  await expect
    .poll(() => simulator.ledger().entries.at(-1))
    .toMatchObject({
      outcome: 'aborted',
      billed: true,
      usage: { output_tokens: 0 },
    });
  const half = connect(Number(new URL(simulator.url).port), '127.0.0.1');
  await once(half, 'connect');
  half.write('POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{');
  half.end();
  await expect
    .poll(() => simulator.requests().at(-1))
    .toMatchObject({ abortedByClient: true, bodyBytes: 0, status: null });
  await simulator.close();
});

it('finds its batches, bill and clock again after kill -9', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
  const stateFile = join(folder, 'state.jsonl');
  const flags = ['--state-file', stateFile, '--turnaround-ms', '60000'];
  const first = await run(...flags);
  const client = (at: Running) => new Anthropic({ apiKey: 'key-a', baseURL: at.url, maxRetries: 0 });
  const message = await client(first).messages.create(params);
  const done = await client(first).messages.batches.create({ requests: [{ custom_id: 'a', params }] });
  await controlOf(first)('POST', '/clock/advance', { ms: 61_000 });
  const open = await client(first).messages.batches.create({ requests: [{ custom_id: 'b', params }] });
  const ledger = (await controlOf(first)('GET', '/ledger')).json;
  expect(ledger.totals.billed).toBe(2);
  await first.kill('SIGKILL');

  const second = await run(...flags);
  expect((await controlOf(second)('GET', '/ledger')).json).toEqual(ledger);
  expect((await client(second).messages.batches.retrieve(done.id)).processing_status).toBe('ended');
  const lines: string[] = [];
  for await (const line of await client(second).messages.batches.results(done.id)) lines.push(line.custom_id);
  expect(lines).toEqual(['a']);
  expect((await client(second).messages.batches.retrieve(open.id)).processing_status).toBe('in_progress');
  await controlOf(second)('POST', '/clock/advance', { ms: 61_000 });
  expect((await client(second).messages.batches.retrieve(open.id)).processing_status).toBe('ended');
  expect((await client(second).messages.create(params)).id).not.toBe(message.id);
  await second.kill('SIGTERM');

  const third = await run(...flags);
  expect((await controlOf(third)('GET', '/ledger/totals')).json.billed).toBe(4);
  const { data } = await client(third).messages.batches.list();
  expect(data.map((batch) => batch.id)).toEqual([open.id, done.id]);
  await third.kill('SIGTERM');
  rmSync(folder, { recursive: true });
});
