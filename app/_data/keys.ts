import { queryOptions } from '@tanstack/react-query';
import type { Key, KeyCreated, KeyList, KeyRequest } from '@/lib/contract/keys';
import { fetchJson } from './fetch-json';

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: ({ signal }) => fetchJson<KeyList>('/api/keys', { signal }),
});

export function createKey(request: KeyRequest): Promise<KeyCreated> {
  return fetchJson<KeyCreated>('/api/keys', { method: 'POST', body: request });
}

export function restoreKey(id: string): Promise<Key> {
  return fetchJson<Key>(`/api/keys/${encodeURIComponent(id)}/restore`, { method: 'POST' });
}

export function revokeKey(id: string): Promise<unknown> {
  return fetchJson(`/api/keys/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
