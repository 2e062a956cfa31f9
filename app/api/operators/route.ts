import { methods, route } from '@/app/_server';
import { audit } from '@/app/api/_door/audit';
import { DOORS } from '@/lib/contract/doors';
import { ApiError } from '@/lib/core/errors';
import { newSecret } from '@/lib/secrets';
import { createOperator, listOperators } from '@/lib/store/operators';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/operators'], async ({ deps }) => ({ operators: await listOperators(deps.pools.admin) })),

  POST: route(DOORS['POST /api/operators'], async (call) => {
    const { deps, body } = call;
    const token = newSecret('opt_');
    const tokenHmac = deps.secrets.hmacSession(token);
    const created = await createOperator(deps.pools.admin, { ...body, tokenHmac });
    if (created === 'name_taken') throw new ApiError('conflict_error', 'An operator of that name exists');
    await audit(call, { action: 'operator.create', object: created.name, after: created });
    return { ...created, token };
  }),
});
