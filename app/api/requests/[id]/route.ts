import { methods, route } from '@/app/_server';
import { requestIdOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { ApiError } from '@/lib/core/errors';
import type { Uuid } from '@/lib/core/ids';
import type { Deps } from '@/lib/deps';
import { findRequest } from '@/lib/store/requests';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/requests/{id}'], async ({ deps, params }) => {
    const id = requestIdOf(params);
    const detail = await findRequest(deps.pools.analytics, id, deps.spool.shipper.openRecords());
    if (!detail) throw new ApiError('not_found_error', 'No such request; it may be older than the log is kept');
    return { ...detail, bodies: await findBodies(deps, id) };
  }),
});

// Bodies are an extra: one that cannot be read, because it was sealed under another root secret, hides the rest from no one.
async function findBodies(deps: Deps, id: Uuid) {
  try {
    return await deps.bodies.find(id);
  } catch (error) {
    deps.log.warn({ err: error, request: id }, 'a stored body could not be read');
    return null;
  }
}
