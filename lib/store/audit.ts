import { and, desc, inArray, lt } from 'drizzle-orm';
import type { AuditAnswer } from '@/lib/contract/audit';
import type { Audited } from '@/lib/core/audited';
import type { Uuid } from '@/lib/core/ids';
import type { Database } from './connect';
import { auditLog } from './schema';

export interface NewAuditEntry {
  id: Uuid;
  at: Date;
  actor: string;
  actorId: string;
  action: Audited;
  object: string;
  before: unknown;
  after: unknown;
  note: string | null;
  address: string | null;
}

export async function writeAudit(db: Database, entry: NewAuditEntry): Promise<void> {
  await db.insert(auditLog).values(entry);
}

/** Newest first. @param cursor id of the last entry of the page before. */
export async function listAudit(
  db: Database,
  asked: { actions: readonly Audited[]; actors: readonly string[]; cursor: string | null; limit: number },
): Promise<AuditAnswer> {
  const { actions, actors, cursor, limit } = asked;
  const rows = await db
    .select()
    .from(auditLog)
    .where(
      and(
        actions.length > 0 ? inArray(auditLog.action, [...actions]) : undefined,
        actors.length > 0 ? inArray(auditLog.actor, [...actors]) : undefined,
        cursor === null ? undefined : lt(auditLog.id, cursor),
      ),
    )
    .orderBy(desc(auditLog.id))
    .limit(limit + 1);
  const entries = rows.slice(0, limit).map(({ at, actorId: _, ...entry }) => ({ ...entry, at: at.toISOString() }));
  return { entries, nextCursor: rows.length > limit ? (entries.at(-1)?.id ?? null) : null };
}
