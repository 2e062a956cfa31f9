import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerExchange } from './answer-exchange';
import { ApiError, invalid } from './api-error';
import { type Caller, credentialOf } from './authenticate';
import { checkBetas, checkVersion } from './check-betas';
import type { Exchange } from './exchange';
import { faultOf } from './fault-script';
import { findRoute, type Route } from './find-route';
import { isObject, objectsIn } from './json-value';
import { decodeBody, readBody } from './read-body';
import { jsonReply, type Reply } from './reply';
import { sendReply } from './send-reply';
import type { SimulatedApi } from './simulated-api';
import { strikeEarly } from './strike-early';

const UNROUTED_LIMIT = 1024 * 1024;
const NO_QUERY = new URLSearchParams();

/** What is known of a call so far, for an answer that may fail at any point. */
interface Progress {
  readonly requestId: string;
  caller: Caller | null;
  exchange: Exchange | null;
}

/** Serves one request from its first byte to its settled answer. Never throws. */
export async function serveRequest(
  api: SimulatedApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const progress: Progress = { requestId: api.ids.next('req'), caller: null, exchange: null };
  let reply: Reply | null;
  try {
    const target = request.url ?? '/';
    const queryAt = target.indexOf('?');
    const route = findRoute(request.method ?? 'GET', queryAt < 0 ? target : target.slice(0, queryAt));
    const raw = await readBody(request, route !== null && 'endpoint' in route ? route.bodyLimit : UNROUTED_LIMIT);
    record(api, request, response, progress, raw);
    if (raw === null) return;
    const query = queryAt < 0 ? NO_QUERY : new URLSearchParams(target.slice(queryAt));
    const made = answer(api, request, response, route, raw, query, progress);
    // Most answers are there at once; a promise for each of them is what a benchmark would measure.
    reply = made instanceof Promise ? await made : made;
  } catch (error) {
    // The rest of an oversized body is not worth reading, so the connection cannot be used again.
    if (error instanceof ApiError && error.type === 'request_too_large') response.shouldKeepAlive = false;
    noteFailure(api, progress.exchange, error);
    if (!(error instanceof ApiError)) api.report('internal failure', error);
    reply = errorReply(error, progress.requestId);
  }
  if (reply === null) return;
  try {
    await sendReply(response, reply, commonHeaders(progress), progress.exchange?.faults ?? [], api.clock);
  } catch (error) {
    // The answer is half out: nothing but the connection is left to end.
    api.report('an answer could not be written', error);
    response.destroy();
  }
}

/** `null` when there will be no answer. @throws ApiError */
function answer(
  api: SimulatedApi,
  request: IncomingMessage,
  response: ServerResponse,
  route: ReturnType<typeof findRoute>,
  raw: Buffer,
  query: URLSearchParams,
  progress: Progress,
): Reply | null | Promise<Reply> {
  if (route === null) throw new ApiError('not_found_error', 'Not found');
  if (!('endpoint' in route)) return notAllowed(route.allow, progress.requestId);
  if (route.endpoint === 'probe') return jsonReply(200, {});
  const exchange = readExchange(api, request, route, raw, query, progress);
  progress.exchange = exchange;
  if (exchange.faults.length > 0) {
    const early = strikeEarly(exchange.faults, response);
    if (early !== 'go on') return early;
  }
  return answerExchange(api, exchange);
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
  const json = request.method === 'POST' && route.endpoint !== 'batch_cancel' ? parse(body, headers) : undefined;
  const faults = api.faults.strike({
    endpoint: route.endpoint,
    models: () => modelsOf(json),
    stream: isObject(json) && json.stream === true,
    key: () => credentialOf(headers),
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

/** Notes messages that failed, so that the ledger knows every attempt. */
function noteFailure(api: SimulatedApi, exchange: Exchange | null, error: unknown): void {
  if (exchange?.endpoint !== 'messages' || !(error instanceof ApiError)) return;
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

function record(
  api: SimulatedApi,
  request: IncomingMessage,
  response: ServerResponse,
  progress: Progress,
  body: Buffer | null,
): void {
  const { method = '', url: path = '', rawHeaders } = request;
  const at = api.clock.now();
  const held = api.recorder.add(
    { requestId: progress.requestId, at, method, path, rawHeaders },
    body ?? Buffer.alloc(0),
  );
  if (body === null) {
    held.abortedByClient = true;
    return;
  }
  response.once('close', () => {
    held.status = response.headersSent ? response.statusCode : null;
    const resetHere = faultOf(progress.exchange?.faults ?? [], 'reset') !== undefined;
    held.abortedByClient = !response.writableFinished && !resetHere;
  });
}

function notAllowed(allow: string, requestId: string): Reply {
  const error = new ApiError('invalid_request_error', 'Method Not Allowed', { status: 405 });
  return jsonReply(405, error.envelope(requestId), { allow });
}

function errorReply(error: unknown, requestId: string): Reply {
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
