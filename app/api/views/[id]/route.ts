import { methods, route } from '@/app/_server';
import { audit } from '@/app/api/_door/audit';
import { idOf } from '@/app/api/_door/scope';
import { refuseSharing } from '@/app/api/views/_refuse-sharing';
import { DOORS } from '@/lib/contract/doors';
import { ApiError } from '@/lib/core/errors';
import { deleteView, findView } from '@/lib/store/saved-views';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  DELETE: route(DOORS['DELETE /api/views/{id}'], async (call) => {
    const { deps, operator, params } = call;
    const view = await findView(deps.pools.admin, idOf(params, 'view'), operator.id);
    if (!view) throw new ApiError('not_found_error', 'No such view');
    if (view.shared && !view.own) refuseSharing(operator);
    await deleteView(deps.pools.admin, view.id);
    if (view.shared) await audit(call, { action: 'view.delete', object: view.name, before: { query: view.query } });
  }),
});
