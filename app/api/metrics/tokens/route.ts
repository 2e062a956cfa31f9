import { methods, route } from '@/app/_server';
import { narrowedSeriesOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { readTokens } from '@/lib/store/metrics-tokens';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/metrics/tokens'], async ({ deps, query, now }) =>
    readTokens(deps.pools.analytics, narrowedSeriesOf(deps, query, now)),
  ),
});
