import { methods, route } from '@/app/_server';
import { seriesOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { readCost } from '@/lib/store/metrics-cost';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/metrics/cost'], async ({ deps, query, now }) =>
    readCost(deps.pools.analytics, { ...seriesOf(deps, query, now), groupBy: query.groupBy }),
  ),
});
