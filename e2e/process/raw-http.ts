import { connect, type Socket } from 'node:net';

/** What came back over one connection, until it was closed or the given number of answers was read. */
export interface RawAnswer {
  status: number;
  head: string;
  body: string;
  /** All bytes that came, further answers included. */
  text: string;
}

/**
 * Writes bytes as they stand to a port and reads until the server closes the connection, or until `enough` says so:
 * for requests that no HTTP client would send.
 */
export function rawHttp(
  port: number,
  bytes: string | Buffer | ((socket: Socket) => void),
  enough: (text: string) => boolean = isWhole,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      if (typeof bytes === 'function') bytes(socket);
      else socket.write(bytes);
    });
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (enough(text)) socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Closed by the server while we still write: what it said before counts.
      if (text === '' || (error.code !== 'ECONNRESET' && error.code !== 'EPIPE')) reject(error);
    });
    socket.on('close', () => resolve(parse(text)));
  });
}

function parse(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ', 2)[1] ?? 0), head, body: rest.join('\r\n\r\n'), text };
}

function isWhole(text: string): boolean {
  const { head, body } = parse(text);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (length) return Buffer.byteLength(body) >= Number(length[1]);
  return /\r\ntransfer-encoding: *chunked/i.test(head) && body.endsWith('0\r\n\r\n');
}
