import { methods, route } from '@/app/_server';
import { toAnswer } from '@/app/api/policy/_answer';
import { DOORS } from '@/lib/contract/doors';
import { policyVersions } from '@/lib/store/policies';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/policy/versions'], async ({ deps }) => ({
    versions: (await policyVersions(deps.pools.admin)).map(toAnswer),
  })),
});
