import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

export interface Sent {
  text: string;
  /** Oids of its parameters' types; 0 where the server is to find out. */
  types: number[];
}

const PARSE = 0x50;
const QUERY = 0x51;

/** Stands between a client and Postgres and notes every statement that goes by, as the wire protocol has it. */
export class StatementRecorder {
  readonly statements = new Map<string, Sent>();
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  /** @param direct - URL of any database of the server that it leads to */
  static async to(direct: string): Promise<StatementRecorder> {
    const server = createServer();
    const recorder = new StatementRecorder(server, new URL(direct));
    server.on('connection', (socket) => recorder.#join(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return recorder;
  }

  /** The same database, through it. */
  url(direct: string): string {
    const url = new URL(direct);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #join(near: Socket): void {
    const far = dial(Number(this.target.port), this.target.hostname);
    const read = this.#reader();
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
    near.on('data', (chunk) => {
      read(chunk as Buffer);
      far.write(chunk);
    });
    far.pipe(near);
  }

  /** The first message has no type; from then on it is type, length and content. */
  #reader(): (chunk: Buffer) => void {
    let rest = Buffer.alloc(0);
    let isGreeted = false;
    return (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        const start = isGreeted ? 1 : 0;
        if (rest.length < start + 4) return;
        const end = start + rest.readInt32BE(start);
        if (rest.length < end) return;
        if (isGreeted) this.#note(rest[0] ?? 0, rest.subarray(5, end));
        isGreeted = true;
        rest = rest.subarray(end);
      }
    };
  }

  #note(type: number, content: Buffer): void {
    if (type === QUERY) this.#keep(content.subarray(0, -1).toString('utf8'), []);
    if (type !== PARSE) return;
    const afterName = content.indexOf(0) + 1;
    const textEnd = content.indexOf(0, afterName);
    const count = content.readInt16BE(textEnd + 1);
    const types = Array.from({ length: count }, (_, i) => content.readInt32BE(textEnd + 3 + 4 * i));
    this.#keep(content.subarray(afterName, textEnd).toString('utf8'), types);
  }

  #keep(text: string, types: number[]): void {
    this.statements.set(text, { text, types });
  }
}
