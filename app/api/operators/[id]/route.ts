import { methods, route } from '@/app/_server';
import { audit } from '@/app/api/_door/audit';
import { idOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { ApiError } from '@/lib/core/errors';
import { deleteOperator, listOperators } from '@/lib/store/operators';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  DELETE: route(DOORS['DELETE /api/operators/{id}'], async (call) => {
    const { deps, params, now } = call;
    const id = idOf(params, 'operator');
    const before = (await listOperators(deps.pools.admin)).find((one) => one.id === id) ?? null;
    const outcome = await deleteOperator(deps.pools.admin, id, now);
    if (outcome === 'unknown') throw new ApiError('not_found_error', 'No such operator');
    if (outcome === 'built_in') throw new ApiError('conflict_error', 'The built-in operator cannot be deleted');
    await audit(call, { action: 'operator.delete', object: before?.name ?? id, before });
  }),
});
