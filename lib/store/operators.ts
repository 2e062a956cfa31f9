import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { Operator } from '@/lib/contract/operators';
import type { Role } from '@/lib/core/request-states';
import type { Database } from './connect';
import { operators, sessions } from './schema';

/** Who makes a call of the admin API. */
export interface Identity {
  id: string;
  name: string;
  role: Role;
}

const BUILT_IN_NAME = 'admin';
const identity = { id: operators.id, name: operators.name, role: operators.role };

/**
 * Makes the operator `admin` exist with exactly this token. A changed token ends the sessions that the old one began.
 * @param tokenHmac `Secrets.hmacSession` of the token.
 */
export async function ensureBuiltInAdmin(db: Database, tokenHmac: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx
      .insert(operators)
      .values({ id: sql`gen_random_uuid()`, name: BUILT_IN_NAME, role: 'admin', tokenHmac, builtIn: true })
      .onConflictDoNothing({ target: operators.name, where: sql`deleted_at is null` });
    const [rotated] = await tx
      .update(operators)
      .set({ tokenHmac, role: 'admin', builtIn: true })
      .where(
        and(
          eq(operators.name, BUILT_IN_NAME),
          isNull(operators.deletedAt),
          sql`(${operators.tokenHmac}, ${operators.builtIn}) is distinct from (${tokenHmac}, true)`,
        ),
      )
      .returning({ id: operators.id });
    if (rotated) await tx.delete(sessions).where(eq(sessions.operatorId, rotated.id));
  });
}

/** Answers `'name_taken'` when an operator of that name exists. */
export async function createOperator(
  db: Database,
  { name, role, tokenHmac }: { name: string; role: Role; tokenHmac: string },
): Promise<Operator | 'name_taken'> {
  const [row] = await db
    .insert(operators)
    .values({ id: sql`gen_random_uuid()`, name, role, tokenHmac })
    .onConflictDoNothing()
    .returning();
  return row ? toOperator(row) : 'name_taken';
}

export async function listOperators(db: Database): Promise<Operator[]> {
  const rows = await db
    .select()
    .from(operators)
    .where(isNull(operators.deletedAt))
    .orderBy(asc(operators.createdAt), asc(operators.name));
  return rows.map(toOperator);
}

/** Deletes an operator and ends every session of theirs, at once. The built-in one stays. */
export async function deleteOperator(db: Database, id: string, now: Date): Promise<'deleted' | 'unknown' | 'built_in'> {
  return db.transaction(async (tx) => {
    const [found] = await tx
      .select({ builtIn: operators.builtIn })
      .from(operators)
      .where(and(eq(operators.id, id), isNull(operators.deletedAt)))
      .for('update');
    if (!found) return 'unknown';
    if (found.builtIn) return 'built_in';
    await tx.update(operators).set({ deletedAt: now }).where(eq(operators.id, id));
    await tx.delete(sessions).where(eq(sessions.operatorId, id));
    return 'deleted';
  });
}

export async function findByTokenHmac(db: Database, tokenHmac: string): Promise<Identity | null> {
  const [row] = await db
    .select(identity)
    .from(operators)
    .where(and(eq(operators.tokenHmac, tokenHmac), isNull(operators.deletedAt)));
  return row ?? null;
}

/** Whom a login link logs in. */
export async function findBuiltInAdmin(db: Database): Promise<Identity | null> {
  const [row] = await db
    .select(identity)
    .from(operators)
    .where(and(eq(operators.name, BUILT_IN_NAME), operators.builtIn, isNull(operators.deletedAt)));
  return row ?? null;
}

function toOperator(row: typeof operators.$inferSelect): Operator {
  const { id, name, role, builtIn, createdAt } = row;
  return { id, name, role, builtIn, createdAt: createdAt.toISOString() };
}
