import { methods, route } from '@/app/_server';
import { announce } from '@/app/api/_door/announce';
import { audit } from '@/app/api/_door/audit';
import { idOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { ApiError } from '@/lib/core/errors';
import { restoreKey } from '@/lib/store/keys';

const REFUSALS = {
  active: 'The key is not revoked',
  late: 'It was revoked more than five minutes ago: create a new key',
  name_taken: 'Another key has its name by now: create a new key',
} as const;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  POST: route(DOORS['POST /api/keys/{id}/restore'], async (call) => {
    const { deps, params, now } = call;
    const restored = await restoreKey(deps.pools.admin, idOf(params, 'key'), now);
    if (restored === 'none') throw new ApiError('not_found_error', 'No such key');
    if (typeof restored === 'string') throw new ApiError('conflict_error', REFUSALS[restored]);
    await audit(call, { action: 'key.restore', object: restored.name, after: restored });
    await announce(deps, 'keys');
    return restored;
  }),
});
