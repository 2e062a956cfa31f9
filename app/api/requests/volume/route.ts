import { methods, route } from '@/app/_server';
import { seriesOf } from '@/app/api/_door/scope';
import { filterOf } from '@/app/api/requests/_filter-of';
import { DOORS } from '@/lib/contract/doors';
import { readFilteredVolume } from '@/lib/store/request-volume';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/requests/volume'], async ({ deps, query, now }) =>
    readFilteredVolume(deps.pools.analytics, { ...seriesOf(deps, query, now), filter: filterOf(query, now) }),
  ),
});
