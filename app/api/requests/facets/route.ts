import { methods, route } from '@/app/_server';
import { upstreamOf } from '@/app/api/_door/scope';
import { filterOf } from '@/app/api/requests/_filter-of';
import { DOORS } from '@/lib/contract/doors';
import { readFacets } from '@/lib/store/request-facets';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/requests/facets'], async ({ deps, query, now }) =>
    readFacets(deps.pools.analytics, upstreamOf(deps), filterOf(query, now), query.with),
  ),
});
