import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from './start-error';

/** Many callers may connect at once: the default of 511 makes the 512th wait. */
const BACKLOG = 4_096;

/**
 * Answers the port that was bound, which for port 0 is a free one.
 * @throws StartError when the port is taken or may not be bound.
 */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
    server.listen({ host, port, backlog: BACKLOG }, () => resolve((server.address() as AddressInfo).port));
  });
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): StartError {
  const why: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is in use by another program; set PORT to a free one.`,
    EACCES: `Port ${port} may not be used by this user; set PORT to one above 1023.`,
    EADDRNOTAVAIL: `HOST ${host} is no address of this machine.`,
    ENOTFOUND: `HOST ${host} is no address of this machine.`,
  };
  return new StartError(why[error.code ?? ''] ?? `Cannot listen on ${host}:${port}: ${error.code}.`, { cause: error });
}
