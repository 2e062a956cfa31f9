import { methods, route } from '@/app/_server';
import { announce } from '@/app/api/_door/announce';
import { audit } from '@/app/api/_door/audit';
import { DOORS } from '@/lib/contract/doors';
import type { KeyRequest } from '@/lib/contract/keys';
import { parseTolerance } from '@/lib/core/duration';
import { ApiError } from '@/lib/core/errors';
import { parseUsd } from '@/lib/core/money';
import type { Deps } from '@/lib/deps';
import { newSecret } from '@/lib/secrets';
import { createKey, keySecret, listKeys, type NewKey } from '@/lib/store/keys';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/keys'], async ({ deps, now }) => ({ keys: await listKeys(deps.pools.admin, now) })),

  POST: route(DOORS['POST /api/keys'], async (call) => {
    const { deps, body, operator } = call;
    refuseUnknownUpstream(deps, body);
    const secret = newSecret('opk_');
    const created = await createKey(deps.pools.admin, newKey(deps, body, secret, operator.name));
    if (created === 'name_taken') throw new ApiError('conflict_error', 'An active key of that name exists');
    await audit(call, { action: 'key.create', object: created.name, after: created });
    // The secret goes out when it works.
    await announce(deps, 'keys');
    return { ...created, secret };
  }),
});

function newKey(deps: Deps, body: KeyRequest, secret: string, createdBy: string): NewKey {
  return {
    name: body.name,
    ...keySecret(secret, (text) => deps.secrets.hmacKey(text)),
    toleranceMs: body.tolerance === undefined ? null : parseTolerance(body.tolerance),
    tags: body.tags ?? {},
    batch: body.batch ?? true,
    store: body.store ?? true,
    patienceMs: body.patience === undefined ? null : parseTolerance(body.patience),
    monthlyBudgetPico: body.monthlyBudgetUsd === undefined ? null : parseUsd(body.monthlyBudgetUsd),
    upstream: body.upstream ?? 'default',
    createdBy,
  };
}

// Credentials come from the environment alone: a key may choose among their names, never bring one.
function refuseUnknownUpstream({ config }: Deps, { upstream = 'default' }: KeyRequest): void {
  if (upstream === 'default' || config.upstreamKeys.has(upstream)) return;
  const errors = [{ path: 'upstream', message: 'is no name of OFFPEAK_UPSTREAM_KEYS' }];
  throw new ApiError('invalid_request_error', 'upstream: is no name of OFFPEAK_UPSTREAM_KEYS', { status: 422, errors });
}
