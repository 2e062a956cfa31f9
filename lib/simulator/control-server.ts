import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { FaultRule } from './fault-rule';
import { isObject, type JsonObject } from './json-value';
import { readBody } from './read-body';
import type { SimulatorControls } from './simulator-controls';

const BODY_LIMIT = 4 * 1024 * 1024;

type Handler = (controls: SimulatorControls, query: URLSearchParams, body: JsonObject) => unknown;

/** `METHOD /path` to what it does; a handler's result is the JSON answer. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  'GET /health': () => ({ ok: true }),
  'GET /ledger': (controls) => controls.ledger(),
  'GET /ledger/totals': (controls) => controls.ledger().totals,
  'GET /requests': (controls, query) => ({
    requests: controls.requests({
      since: Number(query.get('since') ?? 0),
      limit: Number(query.get('limit') ?? 10_000),
      bodies: query.get('bodies') === '1',
    }),
  }),
  'GET /faults': (controls) => ({ faults: controls.faults() }),
  'POST /faults': (controls, _query, body) => {
    if (!isObject(body.fault)) throw new SyntaxError('fault: Field required');
    return { id: controls.addFault(body as unknown as FaultRule) };
  },
  'DELETE /faults': (controls, query) => {
    controls.clearFaults(query.get('id') ?? undefined);
    return { ok: true };
  },
  'GET /clock': (controls) => ({ now: controls.now() }),
  'POST /clock/advance': (controls, _query, body) => {
    if (typeof body.ms !== 'number' || !(body.ms >= 0)) throw new SyntaxError('ms: a positive number is required');
    return { now: controls.advance(body.ms) };
  },
  'GET /turnaround': (controls) => controls.turnaround(),
  'PUT /turnaround': (controls, _query, body) => {
    controls.setTurnaround(body);
    return controls.turnaround();
  },
  'GET /sync': (controls) => controls.syncLatency(),
  'PUT /sync': (controls, _query, body) => {
    controls.setSyncLatency(body);
    return controls.syncLatency();
  },
  'GET /batches': (controls) => ({ batches: controls.batches() }),
  'POST /batches/finish': (controls, _query, body) => ({ finished: controls.finishBatch(String(body.id)) }),
  'POST /reset': (controls) => {
    controls.reset();
    return { ok: true };
  },
};

/** The control API: JSON over loopback, every call with `Authorization: Bearer <token>`. */
export function createControlServer(controls: SimulatorControls, token: string): Server {
  return createServer((request, response) => {
    handle(controls, token, request).then(
      ([status, value]) => send(response, status, value),
      (error: unknown) => send(response, 400, { error: error instanceof Error ? error.message : String(error) }),
    );
  });
}

async function handle(
  controls: SimulatorControls,
  token: string,
  request: IncomingMessage,
): Promise<[number, unknown]> {
  const url = new URL(request.url ?? '/', 'http://control');
  const raw = await readBody(request, BODY_LIMIT);
  if (!sameText(request.headers.authorization ?? '', `Bearer ${token}`)) return [401, { error: 'bad token' }];
  const name = `${request.method} ${url.pathname}`;
  const handler = Object.hasOwn(HANDLERS, name) ? HANDLERS[name] : undefined;
  if (handler === undefined) return [404, { error: `no ${name}`, known: Object.keys(HANDLERS) }];
  const body: unknown = raw === null || raw.length === 0 ? {} : JSON.parse(raw.toString());
  if (!isObject(body)) return [400, { error: 'the body must be an object' }];
  return [200, handler(controls, url.searchParams, body)];
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

function sameText(given: string, wanted: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
}
