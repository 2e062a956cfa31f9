import { methods, route } from '@/app/_server';
import { upstreamOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { listRequests } from '@/lib/store/requests';
import { filterOf } from './_filter-of';
import { highestOf, readCursor } from './_read-cursor';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/requests'], async ({ deps, query, now }) =>
    listRequests(deps.pools.analytics, {
      upstream: upstreamOf(deps),
      filter: filterOf(query, now),
      open: deps.spool.shipper.openRecords(),
      page: { cursor: readCursor(query.cursor, query.order), limit: query.limit, highest: highestOf(query.order) },
    }),
  ),
});
