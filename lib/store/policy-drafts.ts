import { eq, sql } from 'drizzle-orm';
import type { Database } from './connect';
import { policyDrafts } from './schema';

/** A policy that an operator has not published yet; its document is whatever they have written so far. */
export interface PolicyDraft {
  baseVersion: number;
  document: unknown;
  updatedAt: Date;
}

const draft = {
  baseVersion: policyDrafts.baseVersion,
  document: policyDrafts.document,
  updatedAt: policyDrafts.updatedAt,
};

export async function findDraft(db: Database, operatorId: string): Promise<PolicyDraft | null> {
  const [row] = await db.select(draft).from(policyDrafts).where(eq(policyDrafts.operatorId, operatorId));
  return row ?? null;
}

/** In place of the operator's last one. */
export async function keepDraft(db: Database, operatorId: string, kept: PolicyDraft): Promise<void> {
  await db
    .insert(policyDrafts)
    .values({ operatorId, ...kept })
    .onConflictDoUpdate({
      target: policyDrafts.operatorId,
      set: {
        baseVersion: sql`excluded.base_version`,
        document: sql`excluded.document`,
        updatedAt: sql`excluded.updated_at`,
      },
    });
}

export async function discardDraft(db: Database, operatorId: string): Promise<void> {
  await db.delete(policyDrafts).where(eq(policyDrafts.operatorId, operatorId));
}
