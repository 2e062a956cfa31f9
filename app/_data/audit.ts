import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import type { AuditAnswer } from '@/lib/contract/audit';
import type { Audited } from '@/lib/core/audited';
import { fetchJson } from './fetch-json';

/** Inside one filter the values are alternatives. */
export interface AuditFilters {
  action: readonly Audited[];
  actor: readonly string[];
  /** The start of what was changed. */
  object: string;
}

/** Who changed what, newest first, page by page. */
export function auditQuery({ action, actor, object }: AuditFilters) {
  const query = { action, actor, object };
  return infiniteQueryOptions({
    queryKey: ['audit', query],
    queryFn: ({ pageParam, signal }) =>
      fetchJson<AuditAnswer>('/api/audit', { query: { ...query, cursor: pageParam ?? undefined }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  });
}
