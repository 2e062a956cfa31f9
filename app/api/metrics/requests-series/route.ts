import { methods, route } from '@/app/_server';
import { narrowedSeriesOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { readVolume } from '@/lib/store/metrics-volume';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/metrics/requests-series'], async ({ deps, query, now }) =>
    readVolume(deps.pools.analytics, narrowedSeriesOf(deps, query, now)),
  ),
});
