import type { IncomingMessage } from 'node:http';
import { ApiError } from '@/lib/core/errors';

/** Bytes of request bodies that are held in memory now, over all calls. */
export interface BodyBudget {
  held: number;
  readonly most: number;
  readonly pace: Pace;
}

/** How slow a caller may be with its request. */
export interface Pace {
  /** Until its headers are there. */
  headersMs: number;
  /** Until its body is there, and between two of its bytes. */
  bodyMs: number;
  silentMs: number;
  /** A body slower than this over a whole window is given up. */
  windowMs: number;
  bytesPerSecond: number;
  checkEveryMs: number;
}

export const PACE: Pace = {
  headersMs: 20_000,
  bodyMs: 600_000,
  silentMs: 20_000,
  windowMs: 30_000,
  bytesPerSecond: 10_240,
  checkEveryMs: 5_000,
};

/** One body's share of the budget. */
export class BodyShare {
  #bytes = 0;

  constructor(readonly budget: BodyBudget) {}

  add(bytes: number): void {
    this.#bytes += bytes;
    this.budget.held += bytes;
  }

  /** May be called twice. */
  release(): void {
    this.budget.held -= this.#bytes;
    this.#bytes = 0;
  }
}

/** Reads a request body once, as bytes; see `Exchange.readBody`. */
export function readBody(request: IncomingMessage, limitBytes: number, share: BodyShare): Promise<Buffer> {
  const { budget } = share;
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limitBytes) return Promise.reject(tooLarge(limitBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let failed = false;
    const watch = watchPace(budget.pace, () => bytes, fail);
    request.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);

    function onData(chunk: Buffer) {
      bytes += chunk.length;
      share.add(chunk.length);
      if (bytes > limitBytes) return fail(tooLarge(limitBytes));
      if (budget.held > budget.most) return fail(overloaded());
      chunks.push(chunk);
    }

    function onEnd() {
      leave();
      resolve(chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks, bytes));
    }

    function onError(cause: Error) {
      fail(broken(cause));
    }

    function onClose() {
      if (!request.complete) fail(broken());
    }

    // The request outlives its body by as long as its answer takes: what stays hooked to it keeps the body alive.
    function leave() {
      clearInterval(watch);
      request.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
    }

    function fail(error: ApiError) {
      if (failed) return;
      failed = true;
      leave();
      // A later failure of the connection is nobody's.
      request.on('error', () => undefined);
      request.pause();
      reject(error);
    }
  });
}

function watchPace(pace: Pace, received: () => number, fail: (error: ApiError) => void): NodeJS.Timeout {
  const startedAt = performance.now();
  let heardAt = startedAt;
  let last = 0;
  let windowAt = startedAt;
  let windowBytes = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    const bytes = received();
    if (bytes > last) heardAt = now;
    last = bytes;
    if (now - heardAt >= pace.silentMs || now - startedAt >= pace.bodyMs) return fail(tooSlow());
    if (now - windowAt < pace.windowMs) return;
    if ((bytes - windowBytes) / ((now - windowAt) / 1_000) < pace.bytesPerSecond) return fail(tooSlow());
    windowAt = now;
    windowBytes = bytes;
  }, pace.checkEveryMs);
  timer.unref();
  return timer;
}

function tooLarge(limitBytes: number): ApiError {
  return new ApiError('request_too_large', `Request exceeds the maximum size of ${limitBytes} bytes`);
}

function tooSlow(): ApiError {
  return new ApiError('request_timeout', 'The request body arrived too slowly');
}

function overloaded(): ApiError {
  return new ApiError('overloaded_error', 'Offpeak holds too many request bodies right now; try again', {
    headers: { 'retry-after': '1' },
  });
}

function broken(cause?: Error): ApiError {
  return new ApiError('invalid_request_error', 'The connection ended before the request body did', { cause });
}
