import { methods, route } from '@/app/_server';
import { seriesOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { readTurnaroundSeries } from '@/lib/store/metrics-turnaround-cuts';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/metrics/turnaround-series'], async ({ deps, query, now }) =>
    readTurnaroundSeries(deps.pools.analytics, { ...seriesOf(deps, query, now), models: query.model }),
  ),
});
