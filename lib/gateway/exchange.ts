import type { HeaderPairs } from '@/lib/wire/headers';

/**
 * One HTTP call, whoever carries it: `node:http` in front of Next, or a Next route handler. The gateway knows neither.
 */
export interface Exchange {
  readonly method: string;
  /** Path with its query, as the caller sent it. */
  readonly target: string;
  /** As received: original order and repetitions, names in any case. */
  readonly headers: HeaderPairs;
  /** The caller's connection went before the answer was finished. */
  readonly isGone: boolean;
  /** Called when that happens; at once when it has. */
  onGone(callback: () => void): void;
  /**
   * Reads the whole body, once.
   * @throws ApiError `request_too_large` above `limitBytes`, `request_timeout` when it does not come.
   */
  readBody(limitBytes: number): Promise<Buffer>;
  /** The body is of no use any more: it counts no longer among those that are held in memory. */
  releaseBody?(): void;
  /** The caller has shown a valid key: its connection is no stranger's. */
  welcome?(): void;
  /** Sends `102 Processing`, where the carrier can: a sign of life before the status is known. */
  processing?(): void;
  /** `respond` was called. */
  readonly responded: boolean;
  /** Sends status and headers. Once. */
  respond(status: number, headers: HeaderPairs): ResponseBody;
}

/** The answer's body. Writes after the caller has gone do nothing. */
export interface ResponseBody {
  /** False: the caller reads slower than we write; go on after `onDrain`. */
  write(chunk: Uint8Array): boolean;
  onDrain(callback: () => void): void;
  end(): void;
  /** Cuts the connection: the only honest end of an answer that cannot be completed. */
  destroy(): void;
}
