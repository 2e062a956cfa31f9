import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import type { AuditAnswer } from '@/lib/contract/audit';
import type { Audited } from '@/lib/core/audited';
import { fetchJson } from './fetch-json';
import { ends } from './metrics';
import type { PageRange } from './page-range';

/** Inside one filter the values are alternatives. */
export interface AuditFilters {
  action: readonly Audited[];
  actor: readonly string[];
  /** The start of what was changed. */
  object: string;
}

/** Who changed what, newest first, page by page. */
export function auditQuery(range: PageRange, { action, actor, object }: AuditFilters) {
  const query = { ...ends(range), action, actor, object };
  return infiniteQueryOptions({
    queryKey: ['audit', query],
    queryFn: ({ pageParam, signal }) =>
      fetchJson<AuditAnswer>('/api/audit', { query: { ...query, cursor: pageParam ?? undefined }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: range.ready,
    placeholderData: keepPreviousData,
  });
}
