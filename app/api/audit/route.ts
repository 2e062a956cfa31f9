import { methods, route } from '@/app/_server';
import { DOORS } from '@/lib/contract/doors';
import { listAudit } from '@/lib/store/audit';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/audit'], ({ deps, query: { action, actor, cursor, limit } }) =>
    listAudit(deps.pools.admin, { actions: action, actors: actor, cursor: cursor ?? null, limit }),
  ),
});
