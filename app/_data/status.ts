import { queryOptions } from '@tanstack/react-query';
import type { Status } from '@/lib/contract/status';
import { fetchJson } from './fetch-json';

/** Watched closely until the first call arrives: the onboarding turns into the dashboard then. */
export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => fetchJson<Status>('/api/status', { signal }),
  refetchInterval: (query) => (query.state.data?.firstRequestAt === null ? 2_000 : 15_000),
});
