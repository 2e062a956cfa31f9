import { methods, route } from '@/app/_server';
import { rangeOf, upstreamOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { readCalibration } from '@/lib/store/metrics-calibration';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/metrics/calibration'], async ({ deps, query, now }) => {
    const scope = { upstream: upstreamOf(deps), range: rangeOf(query, now), models: query.model };
    return readCalibration(deps.pools.analytics, scope);
  }),
});
