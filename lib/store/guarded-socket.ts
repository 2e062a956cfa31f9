import { createConnection, type Socket } from 'node:net';

const CHECK_EVERY_MS = 500;

/**
 * A TCP connection to Postgres that destroys itself when the server stops answering: something was asked and nothing
 * was read for `stallMs`. A frozen backend or a half-open network then costs one connection instead of the pool;
 * `statement_timeout` cannot help there, because the server enforces it.
 *
 * An end that the server began counts as a failure: postgres.js would take a polite end before the first answer (a
 * balancer without a backend) for a reason to connect again at once, for ever, and never tell the query that waits.
 */
export function guardedSocket(host: string, port: number, stallMs: number, isWaiting: () => boolean): Socket {
  const socket = host.startsWith('/')
    ? createConnection({ path: `${host}/.s.PGSQL.${port}` })
    : createConnection({ host, port });
  socket.setNoDelay(true);
  // Where postgres.js looks for the name that it asks TLS for.
  Object.assign(socket, { host });
  watch(socket, stallMs, isWaiting);
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

// The byte counter instead of a listener: under TLS the raw socket emits no `data`. Whether an answer is due only
// postgres.js knows: a question that left right after the last answer looks like one that was answered.
function watch(socket: Socket, stallMs: number, isWaiting: () => boolean): void {
  let read = socket.bytesRead;
  let stalledMs = 0;
  const timer = setInterval(() => {
    // TLS takes every listener off the socket below it, ours too.
    if (socket.destroyed) return clearInterval(timer);
    const isStalled = socket.bytesRead === read && isWaiting();
    read = socket.bytesRead;
    stalledMs = isStalled ? stalledMs + CHECK_EVERY_MS : 0;
    if (stalledMs >= stallMs) socket.destroy(new Error(`Postgres did not answer for ${stallMs} ms`));
  }, CHECK_EVERY_MS);
  timer.unref();
  socket.once('close', () => clearInterval(timer));
}

/** postgres.js' option of that name, which its types lack; patched, it is also told whether an answer is waited for. */
export function guardedBy(stallMs: number): { socket(options: Endpoint, isWaiting: () => boolean): unknown } {
  return {
    socket: ({ host, port }, isWaiting) => guardedSocket(host[0] ?? 'localhost', port[0] ?? 5432, stallMs, isWaiting),
  };
}

interface Endpoint {
  host: string[];
  port: number[];
}
