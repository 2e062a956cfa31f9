import { methods, route } from '@/app/_server';
import { seriesOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { readBatchHistory } from '@/lib/store/batch-history';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/batches/history'], async ({ deps, query, now }) =>
    readBatchHistory(deps.pools.analytics, { ...seriesOf(deps, query, now), models: query.model }),
  ),
});
