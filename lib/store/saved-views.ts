import { and, asc, count, eq, or, sql } from 'drizzle-orm';
import type { SavedView } from '@/lib/contract/saved-views';
import type { Uuid } from '@/lib/core/ids';
import type { Database } from './connect';
import { operators, savedViews } from './schema';

/** An operator with more has lost sight of them. */
export const MOST_VIEWS = 200;

interface ViewToSave {
  id: Uuid;
  operatorId: string;
  name: string;
  query: string;
  shared: boolean;
  now: Date;
}

type Stored = Omit<SavedView, 'own' | 'updatedAt'> & { operatorId: string; updatedAt: Date };

const columns = {
  id: savedViews.id,
  name: savedViews.name,
  query: savedViews.query,
  shared: savedViews.shared,
  operatorId: savedViews.operatorId,
  owner: operators.name,
  updatedAt: savedViews.updatedAt,
};

/** An operator's own ones and the shared ones, by name. */
export async function listViews(db: Database, operatorId: string): Promise<SavedView[]> {
  const rows = await db
    .select(columns)
    .from(savedViews)
    .innerJoin(operators, eq(operators.id, savedViews.operatorId))
    .where(or(eq(savedViews.operatorId, operatorId), savedViews.shared))
    .orderBy(asc(savedViews.name), asc(savedViews.id));
  return rows.map((row) => toView(row, operatorId));
}

/** Under its name: an own one replaces the operator's, a shared one everyone's. `'too_many'`: it would be one more. */
export async function saveView(db: Database, view: ViewToSave): Promise<SavedView | 'too_many'> {
  const { id, operatorId, name, query, shared, now } = view;
  const before = await findNamed(db, view);
  if (!before) {
    const [held] = await db.select({ views: count() }).from(savedViews).where(eq(savedViews.operatorId, operatorId));
    if ((held?.views ?? 0) >= MOST_VIEWS) return 'too_many';
  }
  await db
    .insert(savedViews)
    .values({ id, operatorId, name, query, shared, updatedAt: now })
    .onConflictDoUpdate({
      target: shared ? savedViews.name : [savedViews.operatorId, savedViews.name],
      targetWhere: shared ? sql`shared` : sql`not shared`,
      set: { query: sql`excluded.query`, updatedAt: sql`excluded.updated_at` },
    });
  const saved = await findNamed(db, view);
  if (!saved) throw new Error('a saved view vanished between insert and select');
  return toView(saved, operatorId);
}

export async function findView(db: Database, id: string, operatorId: string): Promise<SavedView | null> {
  const [row] = await db
    .select(columns)
    .from(savedViews)
    .innerJoin(operators, eq(operators.id, savedViews.operatorId))
    .where(and(eq(savedViews.id, id), or(eq(savedViews.operatorId, operatorId), savedViews.shared)));
  return row ? toView(row, operatorId) : null;
}

export async function deleteView(db: Database, id: string): Promise<void> {
  await db.delete(savedViews).where(eq(savedViews.id, id));
}

async function findNamed(db: Database, { operatorId, name, shared }: ViewToSave): Promise<Stored | undefined> {
  const whose = shared ? savedViews.shared : and(eq(savedViews.operatorId, operatorId), sql`not ${savedViews.shared}`);
  const [row] = await db
    .select(columns)
    .from(savedViews)
    .innerJoin(operators, eq(operators.id, savedViews.operatorId))
    .where(and(eq(savedViews.name, name), whose));
  return row;
}

function toView({ operatorId, updatedAt, ...view }: Stored, reader: string): SavedView {
  return { ...view, own: operatorId === reader, updatedAt: updatedAt.toISOString() };
}
