import { createServer, connect as dial, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { connect } from './connect';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

test('a pool that met only refused connections works once Postgres listens', async () => {
  const real = new URL(database.url);
  const gate: Server = createServer((client) => {
    const server = dial(Number(real.port), real.hostname);
    client.pipe(server).pipe(client);
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
  });
  const port = await new Promise<number>((resolve) => {
    gate.listen(0, '127.0.0.1', () => resolve((gate.address() as { port: number }).port));
  });
  await new Promise((resolve) => gate.close(resolve));
  const moved = new URL(database.url);
  moved.port = String(port);
  const pools = connect(moved.href);
  const tries = Array.from({ length: 8 }, () =>
    pools.hot`select 1`.then(
      () => 'up',
      () => 'down',
    ),
  );
  expect(new Set(await Promise.all(tries))).toEqual(new Set(['down']));
  await new Promise<void>((resolve) => gate.listen(port, '127.0.0.1', () => resolve()));
  await vi.waitFor(async () => expect(await pools.hot`select 1 as one`).toEqual([{ one: 1 }]), { timeout: 10_000 });
  await pools.close();
  gate.close();
});
