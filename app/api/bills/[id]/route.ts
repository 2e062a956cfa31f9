import { methods, route } from '@/app/_server';
import { audit } from '@/app/api/_door/audit';
import { idOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { ApiError } from '@/lib/core/errors';
import { deleteBill } from '@/lib/store/bills';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  DELETE: route(DOORS['DELETE /api/bills/{id}'], async (call) => {
    const deleted = await deleteBill(call.deps.pools.admin, idOf(call.params, 'import'));
    if (!deleted) throw new ApiError('not_found_error', 'No such import');
    await audit(call, { action: 'bill.delete', object: deleted.name, before: deleted });
  }),
});
