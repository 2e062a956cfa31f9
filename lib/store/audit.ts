import { and, asc, count, desc, gte, ilike, inArray, lt, type SQL } from 'drizzle-orm';
import type { AuditAnswer } from '@/lib/contract/audit';
import type { Audited } from '@/lib/core/audited';
import type { Uuid } from '@/lib/core/ids';
import type { TimeRange } from '@/lib/core/time-range';
import type { Database } from './connect';
import { startsWith } from './request-filter';
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
  const ofActions = actions.length > 0 ? inArray(auditLog.action, [...actions]) : undefined;
  const ofActors = actors.length > 0 ? inArray(auditLog.actor, [...actors]) : undefined;
  const ofOthers = and(
    object === '' ? undefined : ilike(auditLog.object, startsWith(object)),
    range === null ? undefined : and(gte(auditLog.at, range.from), lt(auditLog.at, range.to)),
  );
  const rows = await db
    .select()
    .from(auditLog)
    .where(and(ofActions, ofActors, ofOthers, cursor === null ? undefined : lt(auditLog.id, cursor)))
    .orderBy(desc(auditLog.id))
    .limit(limit + 1);
  const entries = rows.slice(0, limit).map(({ at, actorId: _, ...entry }) => ({ ...entry, at: at.toISOString() }));
  const everyone = await db.selectDistinct({ actor: auditLog.actor }).from(auditLog).orderBy(asc(auditLog.actor));
  const entriesBy = <C extends typeof auditLog.actor | typeof auditLog.action>(column: C, where: SQL | undefined) =>
    db.select({ value: column, entries: count() }).from(auditLog).where(where).groupBy(column).orderBy(desc(count()));
  return {
    facets:
      cursor === null
        ? {
            actor: await entriesBy(auditLog.actor, and(ofActions, ofOthers)),
            action: await entriesBy(auditLog.action, and(ofActors, ofOthers)),
          }
        : null,
    entries,
    nextCursor: rows.length > limit ? (entries.at(-1)?.id ?? null) : null,
    actors: everyone.map(({ actor }) => actor),
  };
}
