import { methods, route } from '@/app/_server';
import { audit } from '@/app/api/_door/audit';
import { DOORS } from '@/lib/contract/doors';
import { ApiError } from '@/lib/core/errors';
import { listViews, MOST_VIEWS, saveView } from '@/lib/store/saved-views';
import { refuseSharing } from './_refuse-sharing';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/views'], async ({ deps, operator }) => ({
    views: await listViews(deps.pools.admin, operator.id),
  })),

  PUT: route(DOORS['PUT /api/views'], async (call) => {
    const { deps, operator, body, now } = call;
    if (body.shared) refuseSharing(operator);
    const saved = await saveView(deps.pools.admin, { id: deps.newId(), operatorId: operator.id, ...body, now });
    if (saved === 'too_many') {
      throw new ApiError('conflict_error', `You have ${MOST_VIEWS} views already; delete one first`);
    }
    if (saved.shared) await audit(call, { action: 'view.share', object: saved.name, after: { query: saved.query } });
    return saved;
  }),
});
