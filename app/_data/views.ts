import { queryOptions } from '@tanstack/react-query';
import type { SavedView, SavedViewList, SavedViewRequest } from '@/lib/contract/saved-views';
import { fetchJson } from './fetch-json';

export const viewsQuery = queryOptions({
  queryKey: ['views'],
  queryFn: ({ signal }) => fetchJson<SavedViewList>('/api/views', { signal }),
});

export function saveView(request: SavedViewRequest): Promise<SavedView> {
  return fetchJson<SavedView>('/api/views', { method: 'PUT', body: request });
}

export function deleteView(id: string): Promise<unknown> {
  return fetchJson(`/api/views/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
