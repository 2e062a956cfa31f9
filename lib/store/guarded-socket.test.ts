import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { openPool } from './connect';

it('a polite end before the first answer fails the query, and is no reason to connect again at once', async () => {
  let connections = 0;
  const balancer = createServer((socket) => {
    connections++;
    socket.on('error', () => undefined).end();
  });
  await new Promise<void>((resolve) => balancer.listen(0, '127.0.0.1', resolve));
  const { port } = balancer.address() as AddressInfo;
  const options = { name: 'test', max: 2, statementTimeoutMs: 1_000, pipeline: 1 };
  const sql = openPool(`postgres://u:p@127.0.0.1:${port}/x`, options);
  const queries = [1, 2, 3, 4].map(() => sql`select 1`.then(String, (error: { code?: string }) => error.code));
  expect(await Promise.all(queries)).toEqual(queries.map(() => 'CONNECTION_CLOSED'));
  expect(connections).toBeLessThanOrEqual(queries.length);
  await sql.end({ timeout: 1 });
  balancer.close();
});

it('a question asked right after an answer is given up as well when no answer comes', async () => {
  const ready = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
  let asked = 0;
  const half = createServer((socket) => {
    // Takes the log-in, answers it, and never says another word.
    socket.on('error', () => undefined).on('data', () => asked++ === 0 && socket.write(ready));
  });
  await new Promise<void>((resolve) => half.listen(0, '127.0.0.1', resolve));
  const { port } = half.address() as AddressInfo;
  const options = { name: 'test', max: 1, statementTimeoutMs: 0, pipeline: 1 };
  const sql = openPool(`postgres://u:p@127.0.0.1:${port}/x`, options);
  await expect(sql`select 1`).rejects.toThrow('did not answer');
  await sql.end({ timeout: 1 });
  half.close();
});
