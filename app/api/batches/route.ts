import { methods, route } from '@/app/_server';
import { rangeOf, upstreamOf } from '@/app/api/_door/scope';
import { readCursor } from '@/app/api/requests/_read-cursor';
import { DOORS } from '@/lib/contract/doors';
import { listBatches } from '@/lib/store/batches';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/batches'], async ({ deps, query, now }) =>
    listBatches(deps.pools.analytics, {
      upstream: upstreamOf(deps),
      filter: { range: rangeOf(query, now), states: query.state, models: query.model },
      page: { cursor: readCursor(query.cursor, 'newest'), limit: query.limit },
    }),
  ),
});
