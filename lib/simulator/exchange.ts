import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from './authenticate';
import type { ApiVersion } from './check-betas';
import type { Endpoint, Fault } from './fault-rule';

/** One call, after authentication and with its body read. */
export interface Exchange {
  readonly endpoint: Endpoint;
  /** The id in the path, where the endpoint has one. */
  readonly pathId: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Parsed body, `undefined` where the endpoint has none. */
  readonly json: unknown;
  readonly requestId: string;
  readonly caller: Caller;
  readonly version: ApiVersion;
  readonly betas: readonly string[];
  readonly faults: readonly Fault[];
}
