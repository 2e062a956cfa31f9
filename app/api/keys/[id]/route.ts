import { methods, route } from '@/app/_server';
import { announce } from '@/app/api/_door/announce';
import { audit } from '@/app/api/_door/audit';
import { idOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { ApiError } from '@/lib/core/errors';
import { revokeKey } from '@/lib/store/keys';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  DELETE: route(DOORS['DELETE /api/keys/{id}'], async (call) => {
    const { deps, params, now } = call;
    const revoked = await revokeKey(deps.pools.admin, idOf(params, 'key'), now);
    if (!revoked) throw new ApiError('not_found_error', 'No such key');
    await audit(call, { action: 'key.revoke', object: revoked.name, before: revoked });
    await announce(deps, 'keys');
  }),
});
