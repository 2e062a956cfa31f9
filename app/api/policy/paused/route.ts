import { methods, route } from '@/app/_server';
import { announce } from '@/app/api/_door/announce';
import { policyAnswer } from '@/app/api/policy/_answer';
import { DOORS } from '@/lib/contract/doors';
import { setPause } from '@/lib/store/policies';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  PUT: route(DOORS['PUT /api/policy/paused'], async ({ deps, body, operator, now }) => {
    const { paused, note } = body;
    await setPause(deps.pools.admin, { paused, by: operator.name, at: now.toISOString(), note });
    deps.log.info(
      { operator: operator.name, paused },
      paused ? 'everything goes to sync' : 'the policy is in force again',
    );
    await announce(deps, 'policy');
    return policyAnswer(deps);
  }),
});
