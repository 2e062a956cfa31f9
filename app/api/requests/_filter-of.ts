import { rangeOf } from '@/app/api/_door/scope';
import type { RequestsQuery } from '@/lib/contract/requests';
import type { RequestFilter } from '@/lib/store/request-filter';
import { parseSearch } from '@/lib/store/request-search';

/** What the query of the list, or of its facets, lets through. */
export function filterOf(query: Omit<RequestsQuery, 'cursor' | 'limit' | 'order'>, now: Date): RequestFilter {
  return {
    range: rangeOf(query, now),
    models: query.model,
    lanes: query.lane,
    rules: query.rule,
    keys: query.key,
    tags: query.tag,
    states: query.status,
    served: query.served,
    errors: query.error,
    endpoints: query.endpoint,
    search: parseSearch(query.q),
  };
}
