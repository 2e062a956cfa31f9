import { admit, answering, DEADLINE_MS } from '@/app/_server';
import { ApiError } from '@/lib/core/errors';

/** Every path under `/api` that has no door of its own; only operators learn that. */
function nowhere(request: Request): Promise<Response> {
  return answering(request, DEADLINE_MS, async (deps) => {
    await admit(deps, request, { access: 'viewer', summary: '' });
    throw new ApiError('not_found_error', 'No such path in the admin API');
  });
}

export {
  nowhere as DELETE,
  nowhere as GET,
  nowhere as HEAD,
  nowhere as OPTIONS,
  nowhere as PATCH,
  nowhere as POST,
  nowhere as PUT,
};
