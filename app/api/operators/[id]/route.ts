import { methods, route } from '@/app/_server';
import { idOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { ApiError } from '@/lib/core/errors';
import { deleteOperator } from '@/lib/store/operators';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  DELETE: route(DOORS['DELETE /api/operators/{id}'], async ({ deps, params, now, operator }) => {
    const id = idOf(params, 'operator');
    const outcome = await deleteOperator(deps.pools.admin, id, now);
    if (outcome === 'unknown') throw new ApiError('not_found_error', 'No such operator');
    if (outcome === 'built_in') throw new ApiError('conflict_error', 'The built-in operator cannot be deleted');
    deps.log.info({ operator: operator.name, deleted: id }, 'operator deleted');
  }),
});
