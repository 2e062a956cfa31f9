import { queryOptions } from '@tanstack/react-query';
import type { ProbesAnswer, ProbesRequest } from '@/lib/contract/probes';
import { fetchJson } from './fetch-json';

const EVERY_MS = 10_000;

export const probesQuery = queryOptions({
  queryKey: ['probes'],
  queryFn: ({ signal }) => fetchJson<ProbesAnswer>('/api/probes', { signal }),
  refetchInterval: ({ state }) => (state.data?.enabled ? EVERY_MS : false),
});

export function setProbes(request: ProbesRequest): Promise<ProbesAnswer> {
  return fetchJson<ProbesAnswer>('/api/probes', { method: 'PUT', body: request });
}
