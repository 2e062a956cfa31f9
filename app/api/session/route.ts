import { methods, route } from '@/app/_server';
import { audit } from '@/app/api/_door/audit';
import { findByToken } from '@/app/api/_door/authenticate';
import { bookLogin } from '@/app/api/_door/login-limit';
import { clearedSessionCookie, readSessionCookie, sessionCookie } from '@/app/api/_door/session-cookie';
import { DOORS } from '@/lib/contract/doors';
import type { SessionRequest } from '@/lib/contract/session';
import { ApiError } from '@/lib/core/errors';
import type { Deps } from '@/lib/deps';
import { newSecret } from '@/lib/secrets';
import { findBuiltInAdmin, type Identity } from '@/lib/store/operators';
import { createSession, endSession, redeemLoginCode } from '@/lib/store/sessions';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/session'], async ({ operator }) => answer(operator)),

  POST: route(DOORS['POST /api/session'], async ({ deps, body, request, now, headers }) => {
    const takeBack = await bookLogin(deps, request);
    const operator = await identify(deps, body, now);
    // One sentence for every way to fail: which one it was would tell a guesser something.
    if (!operator)
      throw new ApiError('authentication_error', 'This token or code does not work; a code works once, for 10 minutes');
    await takeBack();
    const secret = newSecret('ops_');
    const cookieHmac = deps.secrets.hmacSession(secret);
    const { expiresAt } = await createSession(deps.pools.admin, { cookieHmac, operatorId: operator.id, now });
    await endPresented(deps, request);
    await audit({ deps, operator, request, now }, { action: 'session.login', object: operator.name });
    headers.append('set-cookie', sessionCookie(secret, expiresAt, deps.adminOrigin));
    return answer(operator);
  }),

  DELETE: route(DOORS['DELETE /api/session'], async ({ deps, request, headers }) => {
    await endPresented(deps, request);
    headers.append('set-cookie', clearedSessionCookie(deps.adminOrigin));
  }),
});

// One look-up by HMAC either way, so that the time taken tells nothing.
async function identify(deps: Deps, body: SessionRequest, now: Date): Promise<Identity | null> {
  if ('token' in body) return findByToken(deps, body.token);
  const redeemed = await redeemLoginCode(deps.pools.admin, deps.secrets.hmacSession(body.code), now);
  return redeemed === 'redeemed' ? findBuiltInAdmin(deps.pools.admin) : null;
}

async function endPresented(deps: Deps, request: Request): Promise<void> {
  const cookie = readSessionCookie(request);
  if (cookie) await endSession(deps.pools.admin, deps.secrets.hmacSession(cookie));
}

function answer({ name, role }: Identity) {
  return { operator: { name, role } };
}
