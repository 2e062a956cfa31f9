import { methods, route } from '@/app/_server';
import { rangeOf, upstreamOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { readLatency } from '@/lib/store/metrics-latency';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/metrics/latency'], async ({ deps, query, now }) => {
    const scope = { upstream: upstreamOf(deps), range: rangeOf(query, now), models: query.model, lanes: query.lane };
    return readLatency(deps.pools.analytics, scope, deps.spool.shipper.openRecords());
  }),
});
