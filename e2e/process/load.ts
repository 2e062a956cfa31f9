import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';

/** What a client saw of one call. */
export interface Called {
  /** Sent along as the tag `call` and as the header `x-call`, which goes upstream. */
  call: number;
  /** `null`: the connection broke before the headers. */
  status: number | null;
  /** The answer came to its end. */
  whole: boolean;
  text: string;
}

export interface LoadOptions {
  origin(): string;
  key: string;
  concurrency: number;
  body(call: number): string;
}

/** Clients that call without a break, each its next call after the last one's end, until they are told to stop. */
export class Load {
  readonly done: Called[] = [];
  running = 0;
  #next = 0;
  #stopped = false;
  readonly #agent = new Agent({ connections: null, pipelining: 1 });
  readonly #clients: Promise<void>[];

  constructor(private readonly options: LoadOptions) {
    this.#clients = Array.from({ length: options.concurrency }, () => this.#client());
  }

  /** Lets the calls under way end; answers everything that was called. */
  async stop(): Promise<Called[]> {
    this.#stopped = true;
    await Promise.all(this.#clients);
    await this.#agent.destroy();
    return this.done;
  }

  async #client(): Promise<void> {
    while (!this.#stopped) {
      const call = this.#next++;
      this.running++;
      const called = await this.#call(call);
      this.running--;
      this.done.push(called);
      // A refused connection fails at once: not in a closed loop.
      if (called.status === null) await pause(20);
    }
  }

  async #call(call: number): Promise<Called> {
    const { origin, key, body } = this.options;
    const called: Called = { call, status: null, whole: false, text: '' };
    try {
      const response = await this.#agent.request({
        origin: origin(),
        path: '/v1/messages',
        method: 'POST',
        headers: {
          'x-api-key': key,
          'anthropic-version': '2026-10-21',
          'content-type': 'application/json',
          'x-offpeak-tags': `call=${call}`,
          'x-call': String(call),
        },
        body: body(call),
      });
      called.status = response.statusCode;
      called.text = await response.body.text();
      called.whole = true;
    } catch {
      // What was seen until then stands.
    }
    return called;
  }
}
