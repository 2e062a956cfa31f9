import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ApiError } from '@/lib/core/errors';
import type { Deps } from '@/lib/deps';
import { REMOTE_ADDRESS_HEADER } from '@/lib/gateway/web-exchange';
import { errorEnvelope } from '@/lib/wire/error-envelope';
import { isAdminHost } from './admin-host';
import { NodeExchange } from './node-exchange';
import { answerHealth, answerMetrics, answerReadiness } from './probes';
import { type BodyBudget, PACE, type Pace } from './read-body';
import { isLoopback, isTrustedProxy, remoteAddressReader } from './remote-address';
import { secure } from './security-headers';
import { CROWD, type Crowd, StrangerLimit } from './stranger-limit';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

export interface ListenerOptions {
  deps(): Deps | null;
  /** Next's handler for pages and the admin API. */
  next: Handler;
  isDev: boolean;
  /** What this port serves: everything, or only the proxy, or only pages and the admin API. */
  serves: 'all' | 'proxy' | 'admin';
  pace?: Pace;
  mostHeldBodyBytes?: number;
  crowd?: Crowd;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const MOST_HELD_BODY_BYTES = 1024 * 1024 * 1024;
/** More than the calls that are taken at once, so that whoever is one too many hears so. */
const MOST_CONNECTIONS = 25_000;

/** What the connections of one port share. */
interface Limits {
  budget: BodyBudget;
  strangers: StrangerLimit;
}

/**
 * The port in front of Next: `/v1` goes straight to the gateway, everything else to Next. Measured as a share of nginx
 * at 32 connections, a Next route handler reaches a tenth of what this does, and it holds waiting callers for a fifth
 * of the memory.
 */
export function createListener(options: ListenerOptions): Server {
  const { pace = PACE, mostHeldBodyBytes = MOST_HELD_BODY_BYTES, crowd = CROWD } = options;
  const budget: BodyBudget = { held: 0, most: mostHeldBodyBytes, pace };
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: pace.headersMs,
      // Bodies have their own watch (read-body); an answer may take a day.
      requestTimeout: 0,
      connectionsCheckingInterval: pace.checkEveryMs,
      keepAliveTimeout: 65_000,
      noDelay: true,
    },
    (request, response) => {
      dispatch(options, { budget, strangers }, request, response).catch((error: unknown) => {
        options.deps()?.log.error({ err: error }, 'request failed in the listener');
        if (!response.headersSent) sendError(response, new ApiError('api_error', 'Internal error in Offpeak'));
        else response.destroy();
      });
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  const strangers = new StrangerLimit(server, crowd, (address) =>
    isTrustedProxy(address, options.deps()?.config.trustedProxies ?? []),
  );
  server.on('clientError', answerClientError);
  return server;
}

async function dispatch(
  options: ListenerOptions,
  limits: Limits,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const deps = options.deps();
  const target = request.url ?? '/';
  const path = pathOf(request);
  if (!METHODS.has(request.method ?? '')) {
    return sendError(response, new ApiError('invalid_request_error', 'Method not allowed'), 405);
  }
  if (path === '/healthz') return answerHealth(response);
  if (!deps) return sendError(response, starting());
  if (path === '/readyz') return answerReadiness(deps, target, response);
  if (deps.lifecycle.draining) response.setHeader('connection', 'close');
  if (path === '/v1' || path.startsWith('/v1/')) {
    if (options.serves === 'admin') return sendError(response, new ApiError('not_found_error', 'Not found'));
    if (deps.lifecycle.draining) return sendError(response, stopping());
    // Before the policy and the lane are there, a call that comes back would be made a second time.
    if (!deps.lifecycle.ready) return sendError(response, starting());
    return serveProxy(options, deps, limits, request, response);
  }
  const remoteAddress = remoteAddressReader(deps.config.trustedProxies)(request);
  // Claude Code's connection probes, and load balancers'.
  if (request.method === 'HEAD' && (path === '/' || path === '/api/hello')) return probe(deps, request, response);
  if (options.serves === 'proxy') return sendError(response, new ApiError('not_found_error', 'Not found'));
  if (path === '/metrics') return serveMetrics(deps, remoteAddress, request, response);
  return servePages(options, deps, remoteAddress, request, response);
}

async function serveProxy(
  options: ListenerOptions,
  deps: Deps,
  { budget, strangers }: Limits,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (deps.config.door === 'listener') {
    return deps.handle(new NodeExchange(request, response, budget, () => strangers.welcome(request.socket)));
  }
  // Next compresses for whoever accepts it, and a compressed stream is a buffered one.
  delete request.headers['accept-encoding'];
  await passToNext(options, request, response);
}

async function servePages(
  options: ListenerOptions,
  deps: Deps,
  remoteAddress: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isAdminHost(request.headers.host, deps.adminOrigin)) {
    const error = new ApiError(
      'permission_error',
      'This host name does not serve the dashboard; see OFFPEAK_PUBLIC_URL',
    );
    return sendError(response, error, 421);
  }
  secure(request, response, deps.adminOrigin.startsWith('https:'), options.isDev);
  request.headers[REMOTE_ADDRESS_HEADER] = remoteAddress;
  await passToNext(options, request, response);
}

/** What is no path, or cannot be decoded, is the caller's mistake; Next would take it for its own and answer 500. */
async function passToNext(options: ListenerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (isPath(pathOf(request))) return void (await options.next(request, response));
  sendError(response, new ApiError('invalid_request_error', 'The path is not percent-encoded UTF-8'));
}

function isPath(path: string): boolean {
  try {
    return decodeURIComponent(path).startsWith('/');
  } catch {
    return false;
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

async function serveMetrics(
  deps: Deps,
  remoteAddress: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // The socket's own peer counts as well: behind a proxy on this host everyone would look like loopback.
  const isLocal = isLoopback(remoteAddress) && isLoopback(request.socket.remoteAddress ?? '');
  const isForwarded = request.headers['x-forwarded-for'] !== undefined && deps.config.trustedProxies.length === 0;
  const bearer = request.headers.authorization?.replace(/^Bearer\s+/i, '');
  if ((isLocal && !isForwarded) || (bearer !== undefined && deps.isAdminToken(bearer))) {
    return answerMetrics(deps, response);
  }
  sendError(response, new ApiError('authentication_error', '/metrics needs a loopback peer or the admin token'));
}

function probe(deps: Deps, request: IncomingMessage, response: ServerResponse): void {
  deps.onHop(String(request.headers['x-offpeak-hop'] ?? ''));
  response.writeHead(200).end();
}

function starting(): ApiError {
  return new ApiError('overloaded_error', 'Offpeak is starting; try again', { headers: { 'retry-after': '1' } });
}

function stopping(): ApiError {
  return new ApiError('overloaded_error', 'Offpeak is stopping; try again', { headers: { 'retry-after': '1' } });
}

export function sendError(response: ServerResponse, error: ApiError, status = error.status): void {
  const body = errorEnvelope(error, null);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, ...error.headers });
  response.end(body);
}

const CLIENT_ERRORS: Record<string, [number, string, ApiError]> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'Request Header Fields Too Large',
    new ApiError('invalid_request_error', 'The request headers exceed 16 KB'),
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    408,
    'Request Timeout',
    new ApiError('request_timeout', 'The request headers arrived too slowly'),
  ],
};

/** What is no HTTP at all still gets an answer in the API's shape. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const malformed = new ApiError('invalid_request_error', 'Malformed HTTP request');
  const [status, reason, answer] = CLIENT_ERRORS[error.code ?? ''] ?? [400, 'Bad Request', malformed];
  const body = errorEnvelope(answer, null);
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
}
