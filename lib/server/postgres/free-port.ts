import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * `preferred` if nothing listens there, else a free loopback port.
 *
 * Below 32768, where no system takes ports for outgoing connections from: a pool that redials a dead server on such a
 * port can be given that very port as its own and connect to itself, and the server could never come back.
 */
export async function freePort(preferred: number): Promise<number> {
  if (preferred > 0 && (await isFree(preferred))) return preferred;
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
