import { and, asc, desc, gte, ilike, inArray, lt } from 'drizzle-orm';
import type { AuditAnswer } from '@/lib/contract/audit';
import type { Audited } from '@/lib/core/audited';
import type { Uuid } from '@/lib/core/ids';
import type { TimeRange } from '@/lib/core/time-range';
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

interface AuditAsked {
  actions: readonly Audited[];
  actors: readonly string[];
  /** The start of what it was done to; '' for all. */
  object: string;
  range: TimeRange | null;
  cursor: string | null;
  limit: number;
}

/** Newest first. @param cursor id of the last entry of the page before. */
export async function listAudit(db: Database, asked: AuditAsked): Promise<AuditAnswer> {
  const { actions, actors, object, range, cursor, limit } = asked;
  const rows = await db
    .select()
    .from(auditLog)
    .where(
      and(
        actions.length > 0 ? inArray(auditLog.action, [...actions]) : undefined,
        actors.length > 0 ? inArray(auditLog.actor, [...actors]) : undefined,
        object === '' ? undefined : ilike(auditLog.object, `${object.replaceAll(/[\\%_]/g, '\\$&')}%`),
        range === null ? undefined : and(gte(auditLog.at, range.from), lt(auditLog.at, range.to)),
        cursor === null ? undefined : lt(auditLog.id, cursor),
      ),
    )
    .orderBy(desc(auditLog.id))
    .limit(limit + 1);
  const entries = rows.slice(0, limit).map(({ at, actorId: _, ...entry }) => ({ ...entry, at: at.toISOString() }));
  const everyone = await db.selectDistinct({ actor: auditLog.actor }).from(auditLog).orderBy(asc(auditLog.actor));
  return {
    entries,
    nextCursor: rows.length > limit ? (entries.at(-1)?.id ?? null) : null,
    actors: everyone.map(({ actor }) => actor),
  };
}
