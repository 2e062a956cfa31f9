import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerExchange } from './answer-exchange';
import { ApiError, invalid } from './api-error';
import type { Caller } from './authenticate';
import { checkBetas, checkVersion } from './check-betas';
import type { Exchange } from './exchange';
import type { Fault } from './fault-rule';
import { faultOf } from './fault-script';
import { findRoute, type Route } from './find-route';
import { isObject, objectsIn } from './json-value';
import { decodeBody, readBody } from './read-body';
import { jsonReply, type Reply } from './reply';
import { sendReply } from './send-reply';
import type { SimulatedApi } from './simulated-api';

/** What is known of a call so far, for the headers of an answer that may fail at any point. */
interface Progress {
  readonly requestId: string;
  caller: Caller | null;
  faults: readonly Fault[];
}

const JSON_METHODS: ReadonlySet<string> = new Set(['POST']);

/** Serves one request from its first byte to its settled answer. Never throws. */
export async function serveRequest(
  api: SimulatedApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const progress: Progress = { requestId: api.ids.next('req'), caller: null, faults: [] };
  let reply: Reply | null;
  try {
    reply = await answer(api, request, response, progress);
  } catch (error) {
    reply = errorReply(error, progress.requestId);
  }
  if (reply === null) return;
  try {
    await sendReply(response, reply, commonHeaders(progress), progress.faults, api.clock);
  } catch (error) {
    // The answer is half out: nothing but the connection is left to end.
    console.error('simulator: an answer could not be written', error);
    response.destroy();
  }
}

/** `null` when there is nothing to answer any more. */
async function answer(
  api: SimulatedApi,
  request: IncomingMessage,
  response: ServerResponse,
  progress: Progress,
): Promise<Reply | null> {
  const method = request.method ?? 'GET';
  const target = request.url ?? '/';
  const queryAt = target.indexOf('?');
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  const route = findRoute(method, path);
  const limit = route !== null && 'endpoint' in route ? route.bodyLimit : 1024 * 1024;
  const raw = await readBody(request, limit).catch((error: unknown) => {
    // The rest of an oversized body is not worth reading, so the connection cannot be used again.
    response.shouldKeepAlive = false;
    throw error;
  });
  if (raw === null) return null;
  record(api, request, response, progress.requestId, raw);
  if (route === null) throw new ApiError('not_found_error', 'Not found');
  if (!('endpoint' in route)) return notAllowed(route.allow, progress.requestId);
  if (route.endpoint === 'probe') return jsonReply(200, {});
  const exchange = readExchange(
    api,
    request,
    route,
    raw,
    new URLSearchParams(queryAt < 0 ? '' : target.slice(queryAt)),
    progress,
  );
  progress.faults = exchange.faults;
  return noteUnbilled(api, exchange, () => {
    const early = exchange.faults.length === 0 ? 'go on' : strikeEarly(exchange.faults, response);
    return early === 'go on' ? answerExchange(api, exchange) : early;
  });
}

function readExchange(
  api: SimulatedApi,
  request: IncomingMessage,
  route: Route,
  raw: Buffer,
  query: URLSearchParams,
  progress: Progress,
): Exchange {
  const { headers } = request;
  const caller = api.authenticator.authenticate(headers);
  progress.caller = caller;
  const version = checkVersion(single(headers['anthropic-version']));
  const betas = checkBetas(single(headers['anthropic-beta']));
  const body = decodeBody(raw, single(headers['content-encoding']), route.bodyLimit);
  const json =
    JSON_METHODS.has(request.method ?? '') && route.endpoint !== 'batch_cancel' ? parse(body, headers) : undefined;
  const faults = api.faults.strike({
    endpoint: route.endpoint,
    models: () => modelsOf(json),
    stream: isObject(json) && json.stream === true,
    key: caller.key,
    workspace: caller.workspace,
  });
  const { endpoint, pathId } = route;
  return {
    endpoint,
    pathId,
    query,
    headers,
    body,
    json,
    requestId: progress.requestId,
    caller,
    version,
    betas,
    faults,
  };
}

function parse(body: Buffer, headers: IncomingMessage['headers']): unknown {
  if (!headers['content-type']?.includes('json')) throw invalid('content-type: must be application/json');
  try {
    return JSON.parse(body.toString());
  } catch {
    throw invalid('The request body is not valid JSON: could not parse it');
  }
}

function modelsOf(json: unknown): string[] {
  if (!isObject(json)) return [];
  if (typeof json.model === 'string') return [json.model];
  return objectsIn(json.requests).map((entry) => (isObject(entry.params) ? String(entry.params.model) : ''));
}

/** Faults that come before any work, and so are not billed. */
function strikeEarly(faults: readonly Fault[], response: ServerResponse): Reply | null | 'go on' {
  if (faultOf(faults, 'reset')?.when === 'before_work') {
    response.socket?.resetAndDestroy();
    return null;
  }
  if (faultOf(faults, 'silence')?.when === 'before_headers') return null;
  const error = faultOf(faults, 'error');
  if (error === undefined) return 'go on';
  const retryAfter = error.retryAfterSeconds ?? null;
  const headers = {
    ...error.headers,
    ...(retryAfter === null ? {} : { 'retry-after': String(retryAfter) }),
  };
  if (error.rawBody !== undefined) {
    return { status: error.status ?? 500, headers: { 'content-type': 'text/html', ...headers }, body: error.rawBody };
  }
  const type = error.type ?? typeOfStatus(error.status ?? 500);
  const extra = error.errorCode === undefined ? { headers } : { headers, errorCode: error.errorCode };
  throw new ApiError(
    type,
    error.message ?? (type === 'overloaded_error' ? 'Overloaded' : 'Scripted failure'),
    error.status === undefined ? extra : { ...extra, status: error.status },
  );
}

function typeOfStatus(status: number): string {
  const types: Record<number, string> = {
    400: 'invalid_request_error',
    401: 'authentication_error',
    402: 'billing_error',
    403: 'permission_error',
    404: 'not_found_error',
    409: 'conflict_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    504: 'timeout_error',
    529: 'overloaded_error',
  };
  return types[status] ?? 'api_error';
}

/** Notes messages that failed, so that the ledger knows every attempt. */
async function noteUnbilled(
  api: SimulatedApi,
  exchange: Exchange,
  run: () => Reply | null | Promise<Reply>,
): Promise<Reply | null> {
  try {
    return await run();
  } catch (error) {
    if (exchange.endpoint === 'messages' && error instanceof ApiError) {
      api.ledger.note({
        kind: 'sync',
        at: api.clock.now(),
        ...exchange.caller,
        model: modelsOf(exchange.json)[0] ?? '',
        messageId: null,
        requestId: exchange.requestId,
        batchId: null,
        customId: null,
        usage: null,
        outcome: error.type,
      });
    }
    throw error;
  }
}

function record(
  api: SimulatedApi,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  body: Buffer,
): void {
  const held = api.recorder.add(
    {
      requestId,
      at: api.clock.now(),
      method: request.method ?? '',
      path: request.url ?? '',
      rawHeaders: request.rawHeaders,
    },
    body,
  );
  response.once('close', () => {
    held.status = response.headersSent ? response.statusCode : null;
    held.abortedByClient = !response.writableFinished;
  });
}

function notAllowed(allow: string, requestId: string): Reply {
  const error = new ApiError('invalid_request_error', 'Method Not Allowed', { status: 405 });
  return jsonReply(405, error.envelope(requestId), { allow });
}

function errorReply(error: unknown, requestId: string): Reply {
  if (!(error instanceof ApiError)) console.error('simulator: internal failure', error);
  const known = error instanceof ApiError ? error : new ApiError('api_error', 'Internal server error');
  return jsonReply(known.status, known.envelope(requestId), known.headers);
}

function commonHeaders({ requestId, caller }: Progress): Record<string, string> {
  if (caller === null) return { 'request-id': requestId };
  return {
    'request-id': requestId,
    'anthropic-organization-id': caller.organization,
    'anthropic-workspace-id': caller.workspace,
  };
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}
