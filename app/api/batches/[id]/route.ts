import { methods, route } from '@/app/_server';
import { upstreamOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { ApiError } from '@/lib/core/errors';
import type { Uuid } from '@/lib/core/ids';
import { findBatch } from '@/lib/store/batches';

const OURS = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const UPSTREAMS = /^msgbatch_[A-Za-z0-9_-]{1,200}$/;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/batches/{id}'], async ({ deps, params, now }) => {
    const id = readId(params.id ?? '');
    const detail = id && (await findBatch(deps.pools.analytics, upstreamOf(deps), id, now));
    if (!detail) throw new ApiError('not_found_error', 'No such batch');
    return detail;
  }),
});

function readId(text: string): { own: Uuid } | { msgbatch: string } | null {
  if (OURS.test(text)) return { own: text.toLowerCase() as Uuid };
  return UPSTREAMS.test(text) ? { msgbatch: text } : null;
}
