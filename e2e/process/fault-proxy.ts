import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/**
 * What happens to bytes on their way: `pass`; `hold`, where connections stay and nothing passes (half-open); `refuse`,
 * where new connections are reset; `close`, where they are ended politely, as a balancer without a backend does.
 */
export type Mode = 'pass' | 'hold' | 'refuse' | 'close';

/** A TCP forwarder that can be told to misbehave. */
export class FaultProxy {
  mode: Mode = 'pass';
  /** ms that every chunk waits, in both directions. */
  latencyMs = 0;
  /** Connections that were ever made. */
  accepted = 0;
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: { host: string; port: number },
  ) {}

  static async to(target: { host: string; port: number }): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true });
    const proxy = new FaultProxy(server, target);
    server.on('connection', (socket) => proxy.#join(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Resets every connection there is. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #join(near: Socket): void {
    this.accepted++;
    near.on('error', () => undefined);
    if (this.mode === 'refuse') return void near.resetAndDestroy();
    if (this.mode === 'close') return void near.end(() => near.destroySoon());
    const far = dial({ ...this.target, allowHalfOpen: true });
    this.#pipe(near, far);
    this.#pipe(far, near);
  }

  #pipe(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (chunk) => this.#pass(() => void to.write(chunk)));
    from.on('end', () => this.#pass(() => void to.end()));
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      if (this.mode !== 'hold') to.destroy();
    });
  }

  #pass(act: () => void): void {
    if (this.mode === 'hold') return;
    if (this.latencyMs === 0) act();
    else setTimeout(act, this.latencyMs);
  }
}
