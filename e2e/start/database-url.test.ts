import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startOffpeak, stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { OLDEST_POSTGRES, startSystemPostgres } from '@/e2e/process/start-system-postgres';
import { waitFor } from '@/e2e/process/wait-for';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { type Refused, refusedStart } from './refused-start';
import '@/e2e/process/patience';

let database: TestDatabase;
/** Accepts connections and ends them, as a forwarder without anything behind it does. */
const forwarder = createServer((socket) => void socket.on('error', () => undefined).end('no PostgreSQL'));
/** Begun early, because it takes its time to give up. */
let nonsense: Promise<Refused>;
beforeAll(async () => {
  database = await testDatabase();
  await new Promise<void>((resolve) => forwarder.listen(0, '127.0.0.1', resolve));
  const { port } = forwarder.address() as AddressInfo;
  nonsense = refusedStart({ DATABASE_URL: `postgres://u:p@127.0.0.1:${port}/x` });
});
afterAll(async () => {
  forwarder.close();
  await stopEveryOffpeak();
  await database?.drop();
});

const body = '{"model":"claude-haiku-5-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';

describe.skipIf(!OLDEST_POSTGRES)('PostgreSQL 15', () => {
  it('serves everything: migrations, the log, metrics', async () => {
    const server = await startSystemPostgres(OLDEST_POSTGRES ?? '');
    try {
      const offpeak = await startOffpeak({ env: { DATABASE_URL: server.url } });
      const response = await fetch(`${offpeak.origin}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': offpeak.apiKey, 'anthropic-version': '2026-10-21', 'content-type': 'application/json' },
        body,
      });
      expect(response.status).toBe(200);
      await response.arrayBuffer();
      const [row] = await waitFor('the call in the log', async () => {
        const rows = await offpeak.api.requests('status=succeeded');
        return rows.length > 0 && rows;
      });
      expect(row).toMatchObject({ state: 'succeeded', simulated: true });
      for (const path of [
        '/api/status',
        `/api/requests/${row?.id}`,
        '/api/metrics/summary?from=now-1h&to=now',
        '/api/metrics/cost?from=now-1h&to=now',
        '/api/metrics/latency?from=now-1h&to=now',
        '/api/metrics/latency-series?from=now-1h&to=now',
        '/api/metrics/requests-series?from=now-1h&to=now',
        '/api/keys',
        '/api/prices',
        '/api/operators',
      ]) {
        expect([path, (await offpeak.api.call('GET', path)).status]).toEqual([path, 200]);
      }
      expect(await offpeak.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    } finally {
      await stopEveryOffpeak();
      await server.stop();
    }
  });
});

describe('a database that cannot be used ends the start in one sentence without its password', () => {
  it.each<[string, () => string, RegExp]>([
    ['unreachable', () => 'postgres://u:secret-password@127.0.0.1:1/x', /127\.0\.0\.1:1\/x.*ECONNREFUSED/],
    ['a name that does not resolve', () => 'postgres://u:secret-password@nowhere.invalid/x', /nowhere\.invalid:5432/],
    ['a missing database', () => database.url.replace(/\/[^/]*$/, '/not_there'), /not_there.*does not exist/],
    [
      'a wrong password',
      () => database.url.replace(/:[^:@/]+@/, ':secret-password@'),
      /password authentication failed|cannot be used/,
    ],
  ])('%s', async (_, url, says) => {
    const { code, stdout, sentences } = await refusedStart({ DATABASE_URL: url() });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(sentences).toEqual([expect.stringMatching(says)]);
    expect(sentences[0]).toMatch(/^The database of DATABASE_URL \(.+\) cannot be used: .+\.$/);
    expect(sentences[0]).not.toContain('secret-password');
    expect(sentences[0]).not.toContain(new URL(inject('clusterUrl')).password);
  });

  it('too old', async () => {
    const old = await oldServer();
    const { port } = old.address() as AddressInfo;
    const { code, stdout, sentences } = await refusedStart({ DATABASE_URL: `postgres://u:p@127.0.0.1:${port}/x` });
    old.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(sentences).toEqual(['The database of DATABASE_URL is PostgreSQL 14.11; Offpeak needs 15 or newer.']);
  });

  it('no PostgreSQL at all', async () => {
    const { code, sentences } = await nonsense;
    expect(code).toBe(1);
    expect(sentences).toEqual([expect.stringMatching(/^The database of DATABASE_URL \(.+\) cannot be used: .+\.$/)]);
  });
});

/** Speaks as much of the protocol as it takes to be asked for a version, and says 14.11 to every question. */
async function oldServer(): Promise<Server> {
  const packet = (type: string, payload: Buffer) => {
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeInt32BE(payload.length + 4, 1);
    return Buffer.concat([head, payload]);
  };
  const int = (value: number, bytes: 2 | 4) => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeIntBE(value, 0, bytes);
    return buffer;
  };
  const columns: [string, number][] = [
    ['num', 23],
    ['version', 25],
  ];
  const description = Buffer.concat([
    int(columns.length, 2),
    ...columns.map(([name, type]) =>
      Buffer.concat([Buffer.from(`${name}\0`), int(0, 4), int(0, 2), int(type, 4), int(-1, 2), int(-1, 4), int(0, 2)]),
    ),
  ]);
  const values = ['140011', '14.11'];
  const row = Buffer.concat([int(2, 2), ...values.flatMap((value) => [int(value.length, 4), Buffer.from(value)])]);
  const idle = packet('Z', Buffer.from('I'));
  const answers: Record<string, Buffer> = {
    P: packet('1', Buffer.alloc(0)),
    B: packet('2', Buffer.alloc(0)),
    D: Buffer.concat([packet('t', int(0, 2)), packet('T', description)]),
    E: Buffer.concat([packet('D', row), packet('C', Buffer.from('SELECT 1\0'))]),
    S: idle,
  };
  const server = createServer((socket) => {
    let greeted = false;
    let rest = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      if (!greeted) {
        greeted = true;
        socket.write(Buffer.concat([packet('R', int(0, 4)), idle]));
        return;
      }
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
        const end = 1 + rest.readInt32BE(1);
        const answer = answers[String.fromCharCode(rest[0] ?? 0)];
        rest = rest.subarray(end);
        if (answer) socket.write(answer);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
