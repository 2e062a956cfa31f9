import type { Endpoint } from '@/lib/core/request-states';

/** What a path under `/v1` asks for. The query is never part of the question. */
export type Route =
  | { kind: 'messages' }
  | { kind: 'passthrough'; endpoint: Endpoint }
  | { kind: 'batches'; batchId: string | null; verb: 'create' | 'list' | 'retrieve' | 'results' | 'cancel' | 'delete' }
  /** Part of the API, but not with this method. */
  | { kind: 'method_not_allowed'; allow: string }
  /** Not part of what an Offpeak key may use; a caller's own credential passes. */
  | { kind: 'other' };

const BATCH = /^\/v1\/messages\/batches\/([^/]+)(?:\/(results|cancel))?$/;

export function routeCall(method: string, path: string): Route {
  if (path === '/v1/messages') return only(method, 'POST', { kind: 'messages' });
  if (path === '/v1/messages/count_tokens')
    return only(method, 'POST', { kind: 'passthrough', endpoint: 'count_tokens' });
  if (path === '/v1/models' || /^\/v1\/models\/[^/]+$/.test(path)) {
    return only(method, 'GET', { kind: 'passthrough', endpoint: 'models' });
  }
  if (path === '/v1/messages/batches') {
    if (method === 'POST') return { kind: 'batches', batchId: null, verb: 'create' };
    return only(method, 'GET', { kind: 'batches', batchId: null, verb: 'list' }, 'GET, POST');
  }
  const batch = BATCH.exec(path);
  if (!batch) return { kind: 'other' };
  const [, batchId = '', sub] = batch;
  if (sub === 'results') return only(method, 'GET', { kind: 'batches', batchId, verb: 'results' });
  if (sub === 'cancel') return only(method, 'POST', { kind: 'batches', batchId, verb: 'cancel' });
  if (method === 'DELETE') return { kind: 'batches', batchId, verb: 'delete' };
  return only(method, 'GET', { kind: 'batches', batchId, verb: 'retrieve' }, 'GET, DELETE');
}

function only(method: string, allowed: string, route: Route, allow = allowed): Route {
  return method === allowed ? route : { kind: 'method_not_allowed', allow };
}
