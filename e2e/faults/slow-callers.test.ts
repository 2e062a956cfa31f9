import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawHttp } from '@/e2e/process/raw-http';
import { CLIENT_KEY, type Gateway, startGateway } from '@/e2e/process/start-gateway';
import { waitFor } from '@/e2e/process/wait-for';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';

/** The product's rules with a clock that runs fifty times as fast. */
const PACE = { headersMs: 400, bodyMs: 3_000, silentMs: 400, windowMs: 600, bytesPerSecond: 500, checkEveryMs: 50 };
const MOST_HELD = 1_000_000;

let api: Simulator;
let gateway: Gateway;
beforeAll(async () => {
  api = await startSimulator({ sync: { instant: true } });
  gateway = await startGateway({ upstreamUrl: api.url, pace: PACE, mostHeldBodyBytes: MOST_HELD });
});
afterAll(async () => {
  await gateway?.close();
  await api?.close();
});

const body = '{"model":"claude-haiku-5-5","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}';
const head = (length: number) =>
  `POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: ${CLIENT_KEY}\r\nanthropic-version: 2026-10-21\r\n` +
  `content-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

const timeout = { type: 'error', error: { type: 'request_timeout' } };

describe('a caller who is slow with its request hears 408 in the envelope, and nothing goes upstream', () => {
  it('headers that never end', async () => {
    const answer = await rawHttp(gateway.port, 'POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-slow: ');
    expect(answer.status).toBe(408);
    expect(JSON.parse(answer.body)).toMatchObject(timeout);
  });

  it('a body that stops', async () => {
    const since = api.requests().length;
    const answer = await rawHttp(gateway.port, `${head(500)}{"model":`);
    expect(answer.status).toBe(408);
    expect(JSON.parse(answer.body)).toMatchObject(timeout);
    expect(api.requests().length).toBe(since);
  });

  it('a body that drips: never silent, and yet too slow', async () => {
    const answer = await rawHttp(gateway.port, (socket) => {
      socket.write(head(100_000));
      const drip = setInterval(() => socket.write(' '), 40);
      socket.once('close', () => clearInterval(drip));
    });
    expect(answer.status).toBe(408);
    expect(JSON.parse(answer.body)).toMatchObject(timeout);
  });

  it('a body that takes its time but comes is served', async () => {
    const answer = await rawHttp(gateway.port, (socket) => {
      const padded = body + ' '.repeat(4_000);
      socket.write(head(padded.length));
      let at = 0;
      const some = setInterval(() => {
        socket.write(padded.slice(at, at + 500));
        at += 500;
        if (at >= padded.length) clearInterval(some);
      }, 80);
      socket.once('close', () => clearInterval(some));
    });
    expect(answer.status).toBe(200);
  });

  it('is in the log as refused, once there was a request to speak of', async () => {
    const rows = await gateway.logged(3);
    expect(rows.filter((row) => row.error_type === 'request_timeout')).toEqual([
      expect.objectContaining({ state: 'refused', http_status: 408 }),
      expect.objectContaining({ state: 'refused', http_status: 408 }),
    ]);
  });

  it('two hundred at once hold nobody up', async () => {
    const sockets = Array.from({ length: 200 }, (_, index) => {
      const socket = connect(gateway.port, '127.0.0.1', () => socket.write(index % 2 === 0 ? 'POST /v1' : head(900)));
      return socket.on('error', () => undefined).resume();
    });
    const answer = await rawHttp(gateway.port, head(body.length) + body);
    expect(answer.status).toBe(200);
    await waitFor('all of them to be let go', () => sockets.every((socket) => socket.closed));
    for (const socket of sockets) socket.destroy();
  });
});

it('bodies that are held take room from a budget: above it 529, and the room comes back', async () => {
  const large = `${body}${' '.repeat(400_000)}`;
  const held = Array.from({ length: 2 }, () => {
    // Sent but for its last byte: it is held.
    const socket = connect(gateway.port, '127.0.0.1', () => socket.write((head(large.length) + large).slice(0, -1)));
    return socket.on('error', () => undefined);
  });
  await waitFor('them to be held', () => held.every((socket) => socket.bytesWritten >= large.length));
  const refused = await waitFor('one too many', async () => {
    const answer = await rawHttp(gateway.port, head(large.length) + large);
    return answer.status !== 200 && answer;
  });
  expect(refused.status).toBe(529);
  expect(refused.head).toMatch(/retry-after: \d+/i);
  expect(JSON.parse(refused.body)).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
  for (const socket of held) socket.destroy();
  await waitFor('room again', async () => (await rawHttp(gateway.port, head(large.length) + large)).status === 200);
});
