import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import type { HeaderPairs } from '@/lib/wire/headers';

export interface UpstreamCall {
  method: string;
  /** Path with its query, as the caller sent it. */
  target: string;
  headers: HeaderPairs;
  body: Buffer | null;
}

/** What happens to one call, in order. After `onEnd` or `onError` nothing more comes. */
export interface UpstreamEvents {
  onHeaders(status: number, headers: Record<string, string | string[] | undefined>): void;
  /** False: stop reading until `resume`. */
  onData(chunk: Buffer): boolean;
  onEnd(): void;
  onError(error: UpstreamFailure): void;
}

/** `silent`: our own watchdog gave up on it; the connection was still open. */
export interface UpstreamFailure {
  kind: 'unreachable' | 'broken' | 'silent' | 'aborted';
  cause: Error;
}

export interface RunningCall {
  abort(): void;
  resume(): void;
}

export interface UpstreamOptions {
  /** Origin and optional path prefix, without a trailing slash. */
  baseUrl: string;
  simulated: boolean;
  /** By name; `default` is the one of keys that name none. */
  credentials: ReadonlyMap<string, string>;
  proxy?: { httpsProxy: string; noProxy: string } | null;
  /** ms without headers, and without a byte after them, until the call is given up. */
  watchdog?: { headersMs: number; idleMs: number };
}

const WATCHDOG = { headersMs: 3_600_000, idleMs: 600_000 };
const WATCH_EVERY_MS = 250;

/** The Messages API behind us. Raw bytes both ways: the SDK would rewrite numbers and retry calls that cost money. */
export class Upstream {
  readonly origin: string;
  readonly simulated: boolean;
  /** The real API, which cannot lead back to us. */
  readonly isOfficial: boolean;
  /** What the last call said. */
  isReachable = true;
  readonly #prefix: string;
  readonly #dispatcher: Dispatcher;
  readonly #watchdog: { headersMs: number; idleMs: number };

  constructor(private readonly options: UpstreamOptions) {
    const url = new URL(options.baseUrl);
    this.origin = url.origin;
    this.simulated = options.simulated;
    this.isOfficial = url.hostname === 'api.anthropic.com';
    this.#prefix = url.pathname === '/' ? '' : url.pathname;
    this.#watchdog = options.watchdog ?? WATCHDOG;
    this.#dispatcher = this.newDispatcher();
  }

  /** A pool of connections of its own; the caller ends it. */
  newDispatcher(): Dispatcher {
    const { proxy, baseUrl } = this.options;
    // undici's own limits of 300 s would cut long calls: the watchdog here replaces them.
    const agent = { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 10_000 } };
    return proxy && baseUrl.startsWith('https:') ? new EnvHttpProxyAgent({ ...agent, ...proxy }) : new Agent(agent);
  }

  /** The path of a target behind the base URL. */
  path(target: string): string {
    return this.#prefix + target;
  }

  /** The secret of that name, or `null` when the environment holds none. Never logged, never answered. */
  credential(name: string): string | null {
    return this.options.credentials.get(name) ?? null;
  }

  call(call: UpstreamCall, events: UpstreamEvents): RunningCall {
    const handler = new CallHandler(events, this.#watchdog, (reachable) => {
      this.isReachable = reachable;
    });
    this.#dispatcher.dispatch(
      {
        origin: this.origin,
        path: this.path(call.target),
        method: call.method as Dispatcher.HttpMethod,
        headers: call.headers.flat(),
        body: call.body,
      },
      handler,
    );
    return handler;
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }
}

class CallHandler implements Dispatcher.DispatchHandler, RunningCall {
  #controller: Dispatcher.DispatchController | null = null;
  #timer: NodeJS.Timeout;
  #quietSince = performance.now();
  #paused = false;
  #hasHeaders = false;
  #over = false;
  #failure: UpstreamFailure['kind'] | null = null;

  constructor(
    private readonly events: UpstreamEvents,
    private readonly watchdog: { headersMs: number; idleMs: number },
    private readonly onReachable: (reachable: boolean) => void,
  ) {
    this.#timer = setInterval(() => this.#watch(), Math.min(WATCH_EVERY_MS * 4, watchdog.idleMs, watchdog.headersMs));
    this.#timer.unref();
  }

  abort(): void {
    this.#stop('aborted');
  }

  resume(): void {
    if (this.#over || !this.#paused) return;
    this.#paused = false;
    this.#quietSince = performance.now();
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure) controller.abort(new Error(this.#failure));
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ) {
    this.#quietSince = performance.now();
    // 102 Processing and other informational answers are signs of life, not the answer.
    if (status < 200) return;
    this.#hasHeaders = true;
    this.onReachable(true);
    this.events.onHeaders(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#quietSince = performance.now();
    // undici hands out nothing, over and over, when a pause falls on a chunk's end: pausing for that never ends.
    if (chunk.length === 0) return;
    if (this.events.onData(chunk) || this.#over) return;
    this.#paused = true;
    controller.pause();
  }

  onResponseEnd(): void {
    if (this.#finish()) this.events.onEnd();
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    if (!this.#finish()) return;
    const kind = this.#failure ?? (this.#hasHeaders || !isConnectFailure(cause) ? 'broken' : 'unreachable');
    if (kind === 'unreachable') this.onReachable(false);
    this.events.onError({ kind, cause });
  }

  #watch(): void {
    if (this.#paused) return;
    const quietMs = performance.now() - this.#quietSince;
    if (quietMs >= (this.#hasHeaders ? this.watchdog.idleMs : this.watchdog.headersMs)) this.#stop('silent');
  }

  #stop(kind: UpstreamFailure['kind']): void {
    if (this.#over || this.#failure) return;
    this.#failure = kind;
    this.#controller?.abort(new Error(kind));
  }

  #finish(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearInterval(this.#timer);
    return true;
  }
}

const CONNECT_FAILURES =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS|EPROTO)/;

function isConnectFailure(error: Error): boolean {
  return CONNECT_FAILURES.test(String((error as { code?: unknown }).code ?? ''));
}
