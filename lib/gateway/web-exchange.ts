import { ApiError } from '@/lib/core/errors';
import type { HeaderPairs } from '@/lib/wire/headers';
import type { Exchange, ResponseBody } from './exchange';

/** Set by the listener on the way into Next, where the caller's socket is out of sight. */
export const REMOTE_ADDRESS_HEADER = 'x-offpeak-remote-address';

/** One web-standard call (a Next route handler's) as the gateway sees it. */
export class WebExchange implements Exchange {
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderPairs;
  isGone = false;
  responded = false;
  readonly #whenGone: (() => void)[] = [];
  #resolve: (response: Response) => void = () => undefined;
  /** Settles as soon as the gateway has sent status and headers. */
  readonly response: Promise<Response>;

  constructor(private readonly request: Request) {
    const url = new URL(request.url);
    this.method = request.method;
    this.target = url.pathname + url.search;
    this.headers = [...request.headers];
    request.signal.addEventListener('abort', () => this.#leave(), { once: true });
    this.response = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  onGone(callback: () => void): void {
    if (this.isGone) callback();
    else this.#whenGone.push(callback);
  }

  #leave(): void {
    if (this.isGone) return;
    this.isGone = true;
    for (const callback of this.#whenGone) callback();
  }

  async readBody(limitBytes: number): Promise<Buffer> {
    const tooLarge = () => new ApiError('request_too_large', `Request exceeds the maximum size of ${limitBytes} bytes`);
    if (Number(this.request.headers.get('content-length') ?? 0) > limitBytes) throw tooLarge();
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of this.request.body ?? []) {
      bytes += chunk.length;
      if (bytes > limitBytes) throw tooLarge();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, bytes);
  }

  respond(status: number, headers: HeaderPairs): ResponseBody {
    this.responded = true;
    let drained: () => void = () => undefined;
    let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (own) => {
          controller = own;
        },
        pull: () => drained(),
        cancel: () => {
          controller = null;
          this.#leave();
        },
      },
      { highWaterMark: 64 * 1024, size: (chunk) => chunk?.length ?? 0 },
    );
    const hasBody = status !== 204 && status !== 304 && this.method !== 'HEAD';
    this.#resolve(new Response(hasBody ? body : null, { status, headers: headers.map(([n, v]) => [n, v]) }));
    return {
      write(chunk) {
        if (!controller) return true;
        controller.enqueue(chunk);
        return (controller.desiredSize ?? 0) > 0;
      },
      onDrain(callback) {
        drained = callback;
      },
      end() {
        controller?.close();
        controller = null;
      },
      destroy() {
        controller?.error(new Error('upstream broke off'));
        controller = null;
      },
    };
  }
}
