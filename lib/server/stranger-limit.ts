import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How many connections without a valid key one address may keep. */
export interface Crowd {
  mostPerAddress: number;
  /** Every connection begins without a key: younger ones do not count. */
  graceMs: number;
  checkEveryMs: number;
}

export const CROWD: Crowd = { mostPerAddress: 512, graceMs: 5_000, checkEveryMs: 5_000 };

/** Cuts the oldest of too many connections of one address that have shown no valid key yet. */
export class StrangerLimit {
  readonly #strangers = new Map<Socket, { address: string; since: number }>();
  readonly #timer: NodeJS.Timeout;

  /** `isExempt`: a trusted proxy's address stands for everyone behind it. */
  constructor(
    server: Server,
    private readonly crowd: Crowd,
    private readonly isExempt: (address: string) => boolean,
  ) {
    server.on('connection', (socket: Socket) => {
      this.#strangers.set(socket, { address: socket.remoteAddress ?? '', since: performance.now() });
      socket.once('close', () => this.#strangers.delete(socket));
    });
    this.#timer = setInterval(() => this.#check(performance.now()), crowd.checkEveryMs);
    this.#timer.unref();
    server.once('close', () => clearInterval(this.#timer));
  }

  /** A call with a valid key came over it. */
  welcome(socket: Socket): void {
    this.#strangers.delete(socket);
  }

  #check(now: number): void {
    const byAddress = new Map<string, Socket[]>();
    // Insertion order: the oldest first.
    for (const [socket, { address, since }] of this.#strangers) {
      if (now - since < this.crowd.graceMs) continue;
      const sockets = byAddress.get(address);
      if (sockets) sockets.push(socket);
      else byAddress.set(address, [socket]);
    }
    for (const [address, sockets] of byAddress) {
      const tooMany = sockets.length - this.crowd.mostPerAddress;
      if (tooMany <= 0 || this.isExempt(address)) continue;
      for (const socket of sockets.slice(0, tooMany)) socket.destroy();
    }
  }
}
