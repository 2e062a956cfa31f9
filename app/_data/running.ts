import { queryOptions } from '@tanstack/react-query';
import type { Running } from '@/lib/contract/running';
import { fetchJson } from './fetch-json';

export const runningQuery = queryOptions({
  queryKey: ['running'],
  queryFn: ({ signal }) => fetchJson<Running>('/api/settings', { signal }),
});
