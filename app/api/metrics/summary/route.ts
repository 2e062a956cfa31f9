import { methods, route } from '@/app/_server';
import { rangeOf, upstreamOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { readSummary } from '@/lib/store/metrics-summary';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/metrics/summary'], async ({ deps, query, now }) =>
    readSummary(deps.pools.analytics, { upstream: upstreamOf(deps), range: rangeOf(query, now) }),
  ),
});
