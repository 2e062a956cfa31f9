import { methods, route } from '@/app/_server';
import { rangeOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { listAudit } from '@/lib/store/audit';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/audit'], ({ deps, query, now }) => {
    const { action, actor, object, from, to, tz, cursor, limit } = query;
    const range = from === undefined ? null : rangeOf({ from, to, tz }, now);
    return listAudit(deps.pools.admin, {
      actions: action,
      actors: actor,
      object,
      range,
      cursor: cursor ?? null,
      limit,
    });
  }),
});
