import { methods, route } from '@/app/_server';
import { announce } from '@/app/api/_door/announce';
import { audit } from '@/app/api/_door/audit';
import { policyAnswer } from '@/app/api/policy/_answer';
import { DOORS } from '@/lib/contract/doors';
import { readPause, setPause } from '@/lib/store/policies';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  PUT: route(DOORS['PUT /api/policy/paused'], async (call) => {
    const { deps, body, operator, now } = call;
    const { paused, note } = body;
    const before = await readPause(deps.pools.admin);
    await setPause(deps.pools.admin, { paused, by: operator.name, at: now.toISOString(), note });
    await audit(call, {
      action: paused ? 'policy.pause' : 'policy.resume',
      object: paused ? 'everything to sync' : 'policy in force',
      before: { paused: before.paused },
      after: { paused },
      note,
    });
    await announce(deps, 'policy');
    return policyAnswer(deps);
  }),
});
