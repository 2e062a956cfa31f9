import type { Endpoint } from './fault-rule';

/** Where a request goes. */
export interface Route {
  readonly endpoint: Endpoint;
  readonly pathId: string;
  readonly bodyLimit: number;
}

const MEGABYTE = 1024 * 1024;
const MESSAGE_LIMIT = 32 * MEGABYTE;
const BATCH_LIMIT = 256 * MEGABYTE;

/**
 * Finds the endpoint of a method and path (query excluded).
 *
 * @returns the allowed method when only the method is wrong, `null` for an unknown path
 */
export function findRoute(method: string, path: string): Route | { readonly allow: string } | null {
  if (path === '/v1/messages') return only('POST', method, 'messages');
  if (path === '/v1/messages/count_tokens') return only('POST', method, 'count_tokens');
  if (path === '/v1/messages/batches') {
    if (method === 'GET') return route('batch_list');
    return method === 'POST' ? route('batch_create', '', BATCH_LIMIT) : { allow: 'GET, POST' };
  }
  if (path === '/v1/models') return only('GET', method, 'models');
  if (path === '/' || path === '/api/hello') {
    return method === 'GET' || method === 'HEAD' ? route('probe') : { allow: 'GET, HEAD' };
  }
  const batch = /^\/v1\/messages\/batches\/([^/]+)(\/results|\/cancel)?$/.exec(path);
  if (batch?.[1] !== undefined) {
    const id = decode(batch[1]);
    if (batch[2] === '/results') return only('GET', method, 'batch_results', id);
    if (batch[2] === '/cancel') return only('POST', method, 'batch_cancel', id);
    if (method === 'GET') return route('batch_retrieve', id);
    return method === 'DELETE' ? route('batch_delete', id) : { allow: 'GET, DELETE' };
  }
  const model = /^\/v1\/models\/([^/]+)$/.exec(path);
  return model?.[1] === undefined ? null : only('GET', method, 'models', decode(model[1]));
}

function route(endpoint: Endpoint, pathId = '', bodyLimit = MESSAGE_LIMIT): Route {
  return { endpoint, pathId, bodyLimit };
}

function only(allowed: string, method: string, endpoint: Endpoint, pathId = ''): Route | { readonly allow: string } {
  return method === allowed ? route(endpoint, pathId) : { allow: allowed };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
