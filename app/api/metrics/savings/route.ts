import { methods, route } from '@/app/_server';
import { narrowedSeriesOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { readSavings } from '@/lib/store/metrics-savings';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/metrics/savings'], async ({ deps, query, now }) =>
    readSavings(deps.pools.analytics, narrowedSeriesOf(deps, query, now)),
  ),
});
