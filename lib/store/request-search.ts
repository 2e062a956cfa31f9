import { parseRequestId, type Uuid } from '@/lib/core/ids';

/** What the search box was given: an id of some kind, or the start of a name. */
export type Search =
  | { kind: 'request'; id: Uuid }
  | { kind: 'upstreamRequest' | 'message' | 'batch' | 'session'; id: string }
  | { kind: 'text'; prefix: string };

const KIND_BY_PREFIX = new Map<string, 'upstreamRequest' | 'message' | 'batch'>([
  ['req_', 'upstreamRequest'],
  ['msg_', 'message'],
  ['msgbatch_', 'batch'],
]);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const UUID_V7 = /^.{14}7/;

/** `null` when there is nothing to search for. */
export function parseSearch(q: string): Search | null {
  const text = q.trim();
  if (text === '') return null;
  // Our own ids are UUIDv7; any other UUID is an agent's session.
  if (UUID.test(text) && !UUID_V7.test(text)) return { kind: 'session', id: text.toLowerCase() };
  const id = parseRequestId(text);
  if (id) return { kind: 'request', id };
  const kind = KIND_BY_PREFIX.get(text.slice(0, text.indexOf('_') + 1));
  return kind ? { kind, id: text } : { kind: 'text', prefix: text };
}

/** An id that names one request wherever it lies: range and endpoint then do not narrow the search. */
export function namesOneRequest(search: Search | null): boolean {
  return search?.kind === 'request' || search?.kind === 'upstreamRequest' || search?.kind === 'message';
}
