import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FleetUpstream } from '@/e2e/fleet/experiment/fleet-upstream';
import { bookUsage, emptyBill, type UpstreamBill } from '@/e2e/fleet/experiment/upstream-bill';
import { readProxy } from '@/lib/env';
import { shippedPriceBook } from '@/lib/store/prices';
import { Upstream } from '@/lib/upstream/upstream';
import { createTap } from '@/lib/wire/usage-tap';
import { type Forwarded, forward } from './forward';
import { GateBatches } from './gate-batches';
import { type Hold, Spending } from './spending';
import { UnboundedCall, worstCost } from './worst-cost';

export interface SpendingGate extends FleetUpstream {
  spending: Spending;
}

export interface GateOptions {
  /** The API's. */
  origin: string;
  apiKey: string;
  capPico: bigint;
  /** How long `settle` waits for what is under way, and how often it asks. */
  settleMs: number;
  settleEveryMs: number;
}

const BATCHES = '/v1/messages/batches';
/** Everything that nobody pays for. */
const FREE =
  /^\/v1\/(models(\/[^/]+)?|messages\/count_tokens|messages\/batches\/[\w-]+(\/cancel|\/results)?|messages\/batches)$/;

/**
 * The only way to a real API: a loopback server that knows the key, so that nobody else has to, and lets nothing pass
 * that could cost more than the cap leaves. Its callers are told apart by made-up credentials.
 */
export async function openSpendingGate(options: GateOptions): Promise<SpendingGate> {
  const spending = new Spending(options.capPico);
  const prices = shippedPriceBook();
  const upstream = new Upstream({
    baseUrl: options.origin,
    simulated: false,
    credentials: new Map(),
    proxy: readProxy(),
  });
  const bills = new Map<string, UpstreamBill>();
  const billOf = (run: string) => {
    const bill = bills.get(run) ?? emptyBill();
    bills.set(run, bill);
    return bill;
  };
  const batches = new GateBatches();
  const call = (request: {
    method: string;
    target: string;
    headers: IncomingMessage['headers'];
    body: Buffer | null;
  }) => forward(upstream, options.apiKey, request);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '/';
    const path = target.split('?')[0] ?? '';
    const method = request.method ?? 'GET';
    if (method === 'HEAD' && (path === '/' || path === '/api/hello')) return void response.writeHead(200).end();
    const run = runOf(request);
    if (run === null) return refuse(response, 401, 'authentication_error', 'invalid x-api-key');
    const body = method === 'GET' || method === 'HEAD' ? null : await bodyOf(request);
    const headers = request.headers;
    const asked = { method, target, headers, body };
    if (method === 'POST' && path === '/v1/messages') return askMessage(asked, run, response);
    if (method === 'POST' && path === BATCHES) return createBatch(asked, run, response);
    if (!FREE.test(path)) return refuse(response, 404, 'not_found_error', `The fleet does not use ${method} ${path}.`);
    const results = /^\/v1\/messages\/batches\/([\w-]+)\/results$/.exec(path)?.[1];
    const forwarded = await call(asked);
    if (results !== undefined && method === 'GET') return relayResults(forwarded, results, response);
    if (path.startsWith(BATCHES)) return relayBatches(forwarded, response);
    await relay(forwarded, response);
  }

  /** `null`: it was refused, and nothing is sent. */
  function holdFor(response: ServerResponse, bodies: readonly unknown[], batch: boolean): Hold | null {
    try {
      const at = Date.now();
      const worst = bodies.reduce<bigint>((sum, body) => sum + worstCost(prices, body, { at, batch }), 0n);
      const hold = spending.hold(worst);
      // As upstream says it of a limit that its owner has set: nobody tries again.
      if (!hold) refuse(response, 400, 'invalid_request_error', 'You have reached the spending cap of this run.');
      return hold;
    } catch (error) {
      if (!(error instanceof UnboundedCall)) throw error;
      refuse(response, 400, 'invalid_request_error', error.message);
      return null;
    }
  }

  async function askMessage(asked: Parameters<typeof call>[0], run: string, response: ServerResponse): Promise<void> {
    const hold = holdFor(response, [parsed(asked.body)], false);
    if (!hold) return;
    const at = Date.now();
    const forwarded = await call(asked);
    const tap = createTap(String(forwarded.headers['content-type'] ?? ''));
    const isWhole = await relay(forwarded, response, (chunk) => tap.push(chunk));
    tap.finish(isWhole);
    const { usage, model, complete, estimated } = tap.observed;
    // What failed is not billed; what was cut off was, nobody knows how much.
    if (forwarded.status >= 400) hold.settle(0n);
    else if (isWhole && complete && !estimated && usage && model) {
      hold.settle(bookUsage(billOf(run), prices, model, usage, at));
    }
  }

  async function createBatch(asked: Parameters<typeof call>[0], run: string, response: ServerResponse): Promise<void> {
    const requests = (parsed(asked.body) as { requests?: { params?: unknown }[] } | null)?.requests;
    if (!Array.isArray(requests)) return refuse(response, 400, 'invalid_request_error', 'requests: Field required');
    const hold = holdFor(
      response,
      requests.map((entry) => entry.params),
      true,
    );
    if (!hold) return;
    const forwarded = await call(asked);
    const whole = await forwarded.whole();
    const id = (parsed(whole) as { id?: string } | null)?.id;
    if (forwarded.status >= 400 && forwarded.status < 500) hold.settle(0n);
    else if (id !== undefined && forwarded.status < 300) {
      batches.made({ id, run, items: requests.length, at: Date.now(), hold });
      billOf(run).batches++;
    }
    send(response, forwarded, own(whole));
  }

  /** Results are read once, to their end, before their cost is known. */
  async function relayResults(forwarded: Forwarded, id: string, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    const isWhole = await relay(forwarded, response, (chunk) => chunks.push(chunk));
    if (isWhole && forwarded.status === 200) bookResults(id, Buffer.concat(chunks).toString('utf8'));
  }

  function bookResults(id: string, jsonl: string): void {
    const batch = batches.open(id);
    const lines = jsonl.split('\n').filter((line) => line.trim() !== '');
    if (!batch || lines.length !== batch.items) return;
    let cost = 0n;
    for (const line of lines) {
      const { result } = parsed(Buffer.from(line)) as { result?: { message?: { model: string; usage: unknown } } };
      if (result?.message) {
        cost += bookUsage(billOf(batch.run), prices, result.message.model, result.message.usage, batch.at);
      }
    }
    batch.hold.settle(cost);
    batches.close(id);
  }

  async function relayBatches(forwarded: Forwarded, response: ServerResponse): Promise<void> {
    send(response, forwarded, own(await forwarded.whole()));
  }

  /** Links lead back through here, or their reader would go past the gate. */
  function own(json: Buffer): Buffer {
    return Buffer.from(json.toString('utf8').replaceAll(`"${options.origin}/`, `"${url}/`));
  }

  async function askItself(method: string, target: string): Promise<Buffer | null> {
    const headers = { 'anthropic-version': '2023-06-01' };
    const forwarded = await call({ method, target, headers, body: method === 'POST' ? Buffer.alloc(0) : null });
    const whole = await forwarded.whole();
    return forwarded.status === 200 ? whole : null;
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 502, 'api_error', error instanceof Error ? error.message : 'the API could not be reached');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    spending,
    keyOf: (run) => `${PREFIX}${run}`,
    async settle() {
      const until = performance.now() + options.settleMs;
      for (const id of batches.ids()) await askItself('POST', `${BATCHES}/${id}/cancel`).catch(() => null);
      while (batches.ids().length > 0 && performance.now() < until) {
        for (const id of batches.ids()) {
          const results = await askItself('GET', `${BATCHES}/${id}/results`).catch(() => null);
          if (results) bookResults(id, results.toString('utf8'));
        }
        if (batches.ids().length > 0) await new Promise((resolve) => setTimeout(resolve, options.settleEveryMs));
      }
    },
    bill: async (run) => billOf(run),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await upstream.close();
    },
  };
}

const PREFIX = 'sk-of-the-fleet-';

function runOf({ headers }: IncomingMessage): string | null {
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const credential = String(headers['x-api-key'] ?? bearer ?? '');
  return credential.startsWith(PREFIX) ? credential.slice(PREFIX.length) : null;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function parsed(json: Buffer | null): unknown {
  try {
    return JSON.parse(json?.toString('utf8') ?? '');
  } catch {
    return null;
  }
}

/** @returns whether the answer came to its end. */
async function relay(
  forwarded: Forwarded,
  response: ServerResponse,
  onChunk: (chunk: Buffer) => void = () => undefined,
): Promise<boolean> {
  response.writeHead(forwarded.status, forwarded.headers);
  try {
    for await (const chunk of forwarded.chunks) {
      onChunk(chunk);
      // A caller that left does not end the call: what it comes to is still to be booked.
      if (!response.destroyed) response.write(chunk);
    }
    response.end();
    return true;
  } catch {
    response.destroy();
    return false;
  }
}

function send(response: ServerResponse, { status, headers }: Forwarded, body: Buffer): void {
  response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
}

function refuse(response: ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-should-retry': 'false' });
  response.end(JSON.stringify({ type: 'error', error: { type, message }, request_id: null }));
}
