import { methods, route } from '@/app/_server';
import { seriesOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { readLatencySeries } from '@/lib/store/metrics-latency-series';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/metrics/latency-series'], async ({ deps, query, now }) =>
    readLatencySeries(deps.pools.analytics, {
      ...seriesOf(deps, query, now),
      models: query.model,
      lanes: query.lane,
    }),
  ),
});
