import type { Role } from '@/lib/core/request-states';
import type { Deps } from '@/lib/deps';
import { findByTokenHmac, type Identity } from '@/lib/store/operators';
import { findSession } from '@/lib/store/sessions';
import { isDatabaseAway } from './database-failure';
import { depsSlot } from './deps-slot';
import { readSessionCookie } from './session-cookie';

export interface Authenticated {
  operator: Identity;
  /** By the session's cookie, which a browser sends along unasked. */
  byCookie: boolean;
}

const BEARER = /^Bearer +([\x21-\x7e]{8,512})$/i;
const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };
/** While Postgres is away, an operator seen within this time may go on looking at pages. */
const REMEMBERED_MS = 10 * 60_000;
const MOST_REMEMBERED = 1_000;

/**
 * Whose call this is, or `null`. A bearer token stands alone: with a wrong one the cookie is not even looked at.
 * @throws the database's error when it is away and the operator was not seen lately.
 */
export async function authenticate(deps: Deps, request: Request): Promise<Authenticated | null> {
  const authorization = request.headers.get('authorization');
  if (authorization !== null) {
    const token = BEARER.exec(authorization)?.[1];
    const operator = token === undefined ? null : await findByToken(deps, token);
    return operator && { operator, byCookie: false };
  }
  const cookie = readSessionCookie(request);
  if (cookie === null) return null;
  const hmac = deps.secrets.hmacSession(cookie);
  const operator = await remembering(deps, hmac, () => findSession(deps.pools.admin, hmac, new Date(deps.clock.now())));
  return operator && { operator, byCookie: true };
}

/** The operator whose token this is. */
export function findByToken(deps: Deps, token: string): Promise<Identity | null> {
  const hmac = deps.secrets.hmacSession(token);
  return remembering(deps, hmac, () => findByTokenHmac(deps.pools.admin, hmac));
}

export function mayAct(operator: Identity, least: Role): boolean {
  return RANK[operator.role] >= RANK[least];
}

async function remembering(deps: Deps, hmac: string, find: () => Promise<Identity | null>): Promise<Identity | null> {
  const seen = depsSlot(deps, 'seen-operators', () => new Map<string, { operator: Identity; until: number }>());
  const now = deps.clock.monotonic();
  const known = seen.get(hmac);
  const remembered = known && known.until > now ? known.operator : null;
  // Known to be away: asking again would only make every page wait.
  if (remembered && deps.health.database === 'down') return remembered;
  try {
    const operator = await find();
    seen.delete(hmac);
    if (operator) {
      if (seen.size >= MOST_REMEMBERED) seen.clear();
      seen.set(hmac, { operator, until: now + REMEMBERED_MS });
    }
    return operator;
  } catch (error) {
    if (remembered && isDatabaseAway(error)) return remembered;
    throw error;
  }
}
