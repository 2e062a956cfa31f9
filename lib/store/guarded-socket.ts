import { createConnection, type Socket } from 'node:net';

const CHECK_EVERY_MS = 500;

/**
 * A TCP connection to Postgres that destroys itself when the server stops answering: something was written and nothing
 * was read for `stallMs`. A frozen backend or a half-open network then costs one connection instead of the pool;
 * `statement_timeout` cannot help there, because the server enforces it.
 *
 * An end that the server began counts as a failure: postgres.js would take a polite end before the first answer (a
 * balancer without a backend) for a reason to connect again at once, for ever, and never tell the query that waits.
 */
export function guardedSocket(host: string, port: number, stallMs: number): Socket {
  const socket = host.startsWith('/')
    ? createConnection({ path: `${host}/.s.PGSQL.${port}` })
    : createConnection({ host, port });
  socket.setNoDelay(true);
  watch(socket, stallMs);
  // Before the handler by which Node answers an end with ours.
  socket.prependListener('end', () => {
    if (!socket.writableEnded) socket.destroy(connectionEnded());
  });
  // Handed over while it still connects: postgres.js hears of a failure as of any other. A factory that rejects instead
  // would cost it that connection for ever.
  return socket;
}

function connectionEnded(): Error {
  return Object.assign(new Error('Postgres ended the connection'), { code: 'CONNECTION_CLOSED' });
}

// Byte counters instead of listeners: under TLS the raw socket emits no `data`.
function watch(socket: Socket, stallMs: number): void {
  let read = socket.bytesRead;
  let writtenAtRead = socket.bytesWritten;
  let stalledMs = 0;
  const timer = setInterval(() => {
    const pending = socket.bytesWritten > writtenAtRead;
    if (socket.bytesRead !== read || !pending) {
      read = socket.bytesRead;
      writtenAtRead = socket.bytesWritten;
      stalledMs = 0;
      return;
    }
    stalledMs += CHECK_EVERY_MS;
    if (stalledMs >= stallMs) socket.destroy(new Error(`Postgres did not answer for ${stallMs} ms`));
  }, CHECK_EVERY_MS);
  timer.unref();
  socket.once('close', () => clearInterval(timer));
}
