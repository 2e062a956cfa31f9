import { methods, route } from '@/app/_server';
import { narrowedOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { readSummary } from '@/lib/store/metrics-summary';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/metrics/summary'], async ({ deps, query, now }) =>
    readSummary(deps.pools.analytics, narrowedOf(deps, query, now)),
  ),
});
