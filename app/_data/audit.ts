import { infiniteQueryOptions } from '@tanstack/react-query';
import type { AuditAnswer } from '@/lib/contract/audit';
import type { Audited } from '@/lib/core/audited';
import { fetchJson } from './fetch-json';

/** Who changed what, newest first, page by page. */
export function auditQuery(actions: readonly Audited[]) {
  return infiniteQueryOptions({
    queryKey: ['audit', actions],
    queryFn: ({ pageParam, signal }) => {
      const asked = new URLSearchParams(actions.map((action) => ['action', action]));
      if (pageParam !== null) asked.set('cursor', pageParam);
      return fetchJson<AuditAnswer>(`/api/audit?${asked}`, { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
}
