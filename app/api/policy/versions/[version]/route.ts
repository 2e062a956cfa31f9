import { methods, route } from '@/app/_server';
import { toAnswer } from '@/app/api/policy/_answer';
import { findVersion } from '@/app/api/policy/_find-version';
import { DOORS } from '@/lib/contract/doors';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/policy/versions/{version}'], async ({ deps, params }) =>
    toAnswer(await findVersion(deps, params.version)),
  ),
});
