import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

const CHECK_EVERY_MS = 200;

interface Backend {
  port: number;
  /** What its last `/readyz` said. */
  isReady: boolean;
}

/**
 * A TCP balancer as one stands in front of replicas: round robin over those whose readiness probe succeeds, the next one
 * when a connection is refused. It knows nothing of HTTP, so a kept-alive connection stays where it is.
 */
export class Balancer {
  readonly #backends: Backend[] = [];
  readonly #sockets = new Set<Socket>();
  #turn = 0;
  readonly #checking: NodeJS.Timeout;

  private constructor(private readonly server: Server) {
    this.#checking = setInterval(() => void this.#check(), CHECK_EVERY_MS);
  }

  static async start(): Promise<Balancer> {
    const server = createServer({ allowHalfOpen: true });
    const balancer = new Balancer(server);
    server.on('connection', (socket) => balancer.#join(socket, balancer.#order()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return balancer;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** On the loopback. One that ends stays: its probe says whether it can be used. */
  add(port: number): void {
    this.#backends.push({ port, isReady: true });
  }

  /** What is open stays; nothing new comes. */
  remove(port: number): void {
    const at = this.#backends.findIndex((backend) => backend.port === port);
    if (at >= 0) this.#backends.splice(at, 1);
  }

  async #check(): Promise<void> {
    await Promise.all(
      this.#backends.map(async (backend) => {
        const probe = fetch(`http://127.0.0.1:${backend.port}/readyz`, { signal: AbortSignal.timeout(2_000) });
        backend.isReady = await probe.then(
          ({ ok }) => ok,
          () => false,
        );
      }),
    );
  }

  async close(): Promise<void> {
    clearInterval(this.#checking);
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #order(): number[] {
    const ready = this.#backends.filter(({ isReady }) => isReady).map(({ port }) => port);
    const first = this.#turn++ % Math.max(1, ready.length);
    return [...ready.slice(first), ...ready.slice(0, first)];
  }

  #join(near: Socket, order: readonly number[]): void {
    const [port, ...others] = order;
    near.on('error', () => undefined);
    if (port === undefined) return void near.resetAndDestroy();
    const far = dial({ port, host: '127.0.0.1', allowHalfOpen: true });
    const refused = () => {
      near.removeAllListeners();
      this.#join(near, others);
    };
    far.once('error', refused);
    far.once('connect', () => {
      far.off('error', refused);
      this.#forward(near, far);
      this.#forward(far, near);
    });
  }

  #forward(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroySoon();
    });
    from.pipe(to);
  }
}
