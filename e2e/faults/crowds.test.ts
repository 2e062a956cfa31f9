import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { rawHttp } from '@/e2e/process/raw-http';
import { CLIENT_KEY, type Gateway, type GatewayOptions, startGateway } from '@/e2e/process/start-gateway';
import { waitFor } from '@/e2e/process/wait-for';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';
import { createKey, keySecret } from '@/lib/store/keys';
import { PLAIN_KEY } from '@/lib/testing/plain-key';

let api: Simulator;
let gateway: Gateway;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await gateway?.close();
  await api?.close();
});

async function start(options: Partial<GatewayOptions>, simulator: Parameters<typeof startSimulator>[0]) {
  api = await startSimulator(simulator);
  gateway = await startGateway({ upstreamUrl: api.url, ...options });
}

const body = '{"model":"claude-haiku-5-5","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}';
const call = (key: string) =>
  `POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\nanthropic-version: 2026-10-21\r\n` +
  `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

/** A connection of its own that says this and then nothing. */
function open(said: string): { socket: Socket; heard(): string } {
  let heard = '';
  const socket = connect(gateway.port, '127.0.0.1', () => said && socket.write(said));
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  sockets.push(socket);
  return { socket, heard: () => heard };
}

it('of too many connections without a valid key the oldest are cut; those with one are not counted', async () => {
  const crowd = { mostPerAddress: 5, graceMs: 100, checkEveryMs: 20 };
  await start({ crowd }, { sync: { instant: true } });
  const known = Array.from({ length: 10 }, () => open(call(CLIENT_KEY)));
  await waitFor('their answers', () => known.every((one) => one.heard().includes('200 OK')));
  const idle = Array.from({ length: 8 }, () => open(''));
  const wrong = Array.from({ length: 4 }, () => open(call(`opk_${'x'.repeat(30)}`)));
  await waitFor('seven to be cut', () => idle.filter((one) => one.socket.closed).length >= 7);
  expect(idle.filter((one) => one.socket.closed)).toHaveLength(7);
  expect(wrong.filter((one) => one.socket.closed)).toHaveLength(0);
  expect(known.filter((one) => one.socket.closed)).toHaveLength(0);
});

it('a trusted proxy stands for everyone behind it', async () => {
  const crowd = { mostPerAddress: 1, graceMs: 10, checkEveryMs: 10 };
  await start({ crowd, env: { OFFPEAK_TRUSTED_PROXIES: '127.0.0.0/8' } }, { sync: { instant: true } });
  const idle = Array.from({ length: 5 }, () => open(''));
  await waitFor('them to be connected', () => idle.every((one) => one.socket.readyState === 'open'));
  // Later than twenty checks.
  for (let i = 0; i < 5; i++) expect((await rawHttp(gateway.port, call(CLIENT_KEY))).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(idle.filter((one) => one.socket.closed)).toHaveLength(0);
});

it('a call above as many as are held hears 529, and there is room again when one has ended', async () => {
  await start({ mostCalls: 3 }, { sync: { fixed: { 'claude-haiku-5-5': { ttftMs: 1_000, tokensPerSecond: 1_000 } } } });
  const held = Array.from({ length: 3 }, () => open(call(CLIENT_KEY)));
  await waitFor('them to be under way', () => gateway.deps.calls.running === 3);
  const refused = await rawHttp(gateway.port, call(CLIENT_KEY));
  expect(refused.status).toBe(529);
  expect(refused.head).toMatch(/retry-after: 5/i);
  expect(JSON.parse(refused.body)).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
  expect(api.requests().length).toBe(3);
  await waitFor('their answers', () => held.every((one) => one.heard().includes('200 OK')));
  expect((await rawHttp(gateway.port, call(CLIENT_KEY))).status).toBe(200);
});

it('one key’s flood leaves room for others: it hears 529 where another key is served', async () => {
  await start({ mostCalls: 4 }, { sync: { fixed: { 'claude-haiku-5-5': { ttftMs: 1_000, tokensPerSecond: 1_000 } } } });
  const other = `opk_${'another-key-of-this-test'.padEnd(30, '0')}`;
  await createKey(gateway.database.pools.admin, {
    ...keySecret(other, (text) => gateway.deps.secrets.hmacKey(text)),
    name: 'other',
    ...PLAIN_KEY,
  });
  const flood = Array.from({ length: 3 }, () => open(call(CLIENT_KEY)));
  await waitFor('them to be under way', () => gateway.deps.calls.running === 3);
  const refused = await rawHttp(gateway.port, call(CLIENT_KEY));
  expect([refused.status, JSON.parse(refused.body).error.type]).toEqual([529, 'overloaded_error']);
  expect((await rawHttp(gateway.port, call(other))).status).toBe(200);
  await waitFor('their answers', () => flood.every((one) => one.heard().includes('200 OK')));
  expect((await rawHttp(gateway.port, call(CLIENT_KEY))).status).toBe(200);
  await waitFor('nothing to be counted', () => gateway.deps.calls.byCaller.size === 0);
});
