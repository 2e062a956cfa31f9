import type { ApiKey } from '@/lib/core/api-key';
import { ApiError } from '@/lib/core/errors';
import type { Deps } from '@/lib/deps';
import { type CollectedAnswer, collect } from '@/lib/upstream/collect';
import { toClient } from '@/lib/wire/headers';
import { type Call, offpeakHeaders } from './call';
import type { Route } from './route-call';
import { runSync } from './run-sync';

type BatchRoute = Extract<Route, { kind: 'batches' }>;

/** Batch ids as upstream makes them; anything else cannot be one and is answered 404 without a query. */
const BATCH_ID = /^[A-Za-z0-9_-]{1,100}$/;

/**
 * Message Batches that clients make themselves. All keys of one Offpeak share an upstream credential, so upstream would
 * show every batch to everyone: here a key sees those that it created and no other, Offpeak's own included.
 */
export async function handleBatches(deps: Deps, call: Call, route: BatchRoute, key: ApiKey): Promise<void> {
  if (route.verb === 'list') return answer(deps, call, await listOwned(deps, call, key));
  if (route.verb === 'create') return create(deps, call, key);
  const id = route.batchId ?? '';
  if (!BATCH_ID.test(id) || !(await deps.clientBatches.owns(id, key.id))) {
    throw new ApiError('not_found_error', `Message batch ${id.slice(0, 100)} not found`);
  }
  if (route.verb === 'results') return runSync(deps, call);
  const collected = await send(deps, call);
  if (route.verb === 'delete' && collected.status < 300) await deps.clientBatches.forget(id);
  return answer(deps, call, ownResultsUrl(deps, collected));
}

async function create(deps: Deps, call: Call, key: ApiKey): Promise<void> {
  const collected = await send(deps, call);
  const batch = collected.status < 300 ? parse(collected.body) : null;
  if (typeof batch?.id === 'string') await deps.clientBatches.own(batch.id, key.id);
  answer(deps, call, ownResultsUrl(deps, collected));
}

/** The API's own page of a list, made from what this key owns: newest first, asked of upstream one by one. */
async function listOwned(deps: Deps, call: Call, key: ApiKey): Promise<CollectedAnswer> {
  const query = new URLSearchParams(call.exchange.target.split('?')[1] ?? '');
  const limit = query.has('limit') ? Number(query.get('limit')) : 20;
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw new ApiError('invalid_request_error', 'limit: must be a whole number from 1 to 1000');
  }
  const page = await deps.clientBatches.page(key.id, {
    limit,
    afterId: query.get('after_id'),
    beforeId: query.get('before_id'),
  });
  const batches = await inGroups(page.ids, 8, async (id) => {
    const collected = await send(deps, call, { method: 'GET', target: `/v1/messages/batches/${id}` });
    return collected.status === 200 ? parse(ownResultsUrl(deps, collected).body) : null;
  });
  const data = batches.filter((batch) => batch !== null);
  const body = Buffer.from(
    JSON.stringify({ data, has_more: page.hasMore, first_id: page.ids[0] ?? null, last_id: page.ids.at(-1) ?? null }),
  );
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

function send(deps: Deps, call: Call, over: { method?: string; target?: string } = {}): Promise<CollectedAnswer> {
  const { exchange } = call;
  const body = over.target === undefined && call.body.length > 0 ? call.body : null;
  const { method = exchange.method, target = exchange.target } = over;
  return collect(deps.upstream, { method, target, headers: call.upstreamHeaders, body }, (abort) =>
    exchange.onGone(abort),
  );
}

// The SDKs follow `results_url` as it stands, with the caller's credential: it must lead back here. Only that string
// changes; the other bytes stay upstream's.
function ownResultsUrl(deps: Deps, collected: CollectedAnswer): CollectedAnswer {
  const url = parse(collected.body)?.results_url;
  if (typeof url !== 'string' || !URL.canParse(url)) return collected;
  const own = deps.origin + new URL(url).pathname;
  const text = collected.body.toString('utf8').replace(JSON.stringify(url), () => JSON.stringify(own));
  return { ...collected, body: Buffer.from(text) };
}

function answer(deps: Deps, call: Call, { status, headers, body }: CollectedAnswer): void {
  const kept = toClient(headers).filter(([name]) => name.toLowerCase() !== 'content-length');
  const state = status < 400 ? 'succeeded' : 'failed';
  deps.spool.writer.opened(call.opened);
  deps.spool.writer.closed({
    id: call.id,
    state,
    servedBy: 'sync',
    httpStatus: status,
    errorType: status < 400 ? null : `http_${status}`,
    ttfbMs: null,
    latencyMs: deps.clock.monotonic() - call.startedAt,
    upstreamRequestId: null,
    attempts: [],
  });
  deps.metrics.requests.inc({ endpoint: 'batches', lane: 'sync', state });
  const length: [string, string] = ['content-length', String(body.length)];
  const out = call.exchange.respond(status, [...kept, length, ...offpeakHeaders(deps, call.opened)]);
  out.write(body);
  out.end();
}

function parse(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

async function inGroups<T, R>(items: readonly T[], size: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += size) {
    results.push(...(await Promise.all(items.slice(at, at + size).map(work))));
  }
  return results;
}
