import { methods, route } from '@/app/_server';
import { rangeOf, upstreamOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { parseSearch } from '@/lib/store/request-search';
import { listRequests } from '@/lib/store/requests';
import { readCursor } from './_read-cursor';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/requests'], async ({ deps, query, now }) =>
    listRequests(deps.pools.analytics, {
      upstream: upstreamOf(deps),
      filter: {
        range: rangeOf(query, now),
        models: query.model,
        lanes: query.lane,
        rules: query.rule,
        keys: query.key,
        tags: query.tag,
        states: query.status,
        endpoints: query.endpoint,
        search: parseSearch(query.q),
      },
      open: deps.spool.shipper.openRecords(),
      page: { cursor: readCursor(query.cursor), limit: query.limit },
    }),
  ),
});
