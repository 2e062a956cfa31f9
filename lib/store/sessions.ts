import { and, eq, gt, isNull, lte } from 'drizzle-orm';
import { DAY_MS } from '@/lib/core/duration';
import type { Database } from './connect';
import type { Identity } from './operators';
import { loginCodes, operators, sessions } from './schema';

/** A login link works once, within this time. */
export const LOGIN_CODE_MS = 10 * 60_000;
/** Fixed, not sliding: reading a page never writes. */
export const SESSION_MS = 7 * DAY_MS;

/** @param codeHmac `Secrets.hmacSession` of the code. */
export async function createLoginCode(db: Database, codeHmac: string, now: Date): Promise<void> {
  await db.insert(loginCodes).values({ codeHmac, expiresAt: new Date(now.getTime() + LOGIN_CODE_MS) });
}

/** One statement: of many who present the same code at once, the one whose delete finds the row wins. */
export async function redeemLoginCode(db: Database, codeHmac: string, now: Date): Promise<'redeemed' | 'refused'> {
  const rows = await db
    .delete(loginCodes)
    .where(and(eq(loginCodes.codeHmac, codeHmac), gt(loginCodes.expiresAt, now)))
    .returning({ code: loginCodes.codeHmac });
  return rows.length === 1 ? 'redeemed' : 'refused';
}

/** @param cookieHmac `Secrets.hmacSession` of the cookie's value. */
export async function createSession(
  db: Database,
  { cookieHmac, operatorId, now }: { cookieHmac: string; operatorId: string; now: Date },
): Promise<{ expiresAt: Date }> {
  const expiresAt = new Date(now.getTime() + SESSION_MS);
  await db.insert(sessions).values({ cookieHmac, operatorId, createdAt: now, expiresAt });
  return { expiresAt };
}

/** The operator of a live session. */
export async function findSession(db: Database, cookieHmac: string, now: Date): Promise<Identity | null> {
  const [row] = await db
    .select({ id: operators.id, name: operators.name, role: operators.role })
    .from(sessions)
    .innerJoin(operators, eq(operators.id, sessions.operatorId))
    .where(and(eq(sessions.cookieHmac, cookieHmac), gt(sessions.expiresAt, now), isNull(operators.deletedAt)));
  return row ?? null;
}

export async function endSession(db: Database, cookieHmac: string): Promise<void> {
  await db.delete(sessions).where(eq(sessions.cookieHmac, cookieHmac));
}

/** Removes sessions and login codes whose time is over. */
export async function purgeExpired(db: Database, now: Date): Promise<void> {
  await db.delete(sessions).where(lte(sessions.expiresAt, now));
  await db.delete(loginCodes).where(lte(loginCodes.expiresAt, now));
}
