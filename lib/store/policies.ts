import { desc, eq, sql } from 'drizzle-orm';
import type { CompiledPolicy } from '@/lib/core/policy/compile';
import { compilePolicy } from '@/lib/core/policy/compile';
import type { PolicyDocument } from '@/lib/core/policy/document';
import { SHIPPED_DOCUMENT } from '@/lib/core/policy/shipped';
import type { Database } from './connect';
import { policies, settings } from './schema';

/** One published policy. Version 1 is the shipped one: it was published by nobody, at no time. */
export interface PolicyVersion {
  version: number;
  document: PolicyDocument;
  publishedAt: Date | null;
  author: string;
  note: string | null;
}

/** Everything goes to sync while it is set. */
export interface Pause {
  paused: boolean;
  by: string | null;
  at: string | null;
  note: string | null;
}

const SHIPPED: PolicyVersion = {
  version: 1,
  document: SHIPPED_DOCUMENT,
  publishedAt: null,
  author: 'offpeak',
  note: 'The policy that Offpeak comes with',
};
const PAUSED = 'paused';
const NOT_PAUSED: Pause = { paused: false, by: null, at: null, note: null };

export async function currentPolicy(db: Database): Promise<PolicyVersion> {
  const [row] = await db.select().from(policies).orderBy(desc(policies.version)).limit(1);
  return row ? toVersion(row) : SHIPPED;
}

/** Newest first. */
export async function policyVersions(db: Database): Promise<PolicyVersion[]> {
  const rows = await db.select().from(policies).orderBy(desc(policies.version));
  return [...rows.map(toVersion), SHIPPED];
}

export async function policyVersion(db: Database, version: number): Promise<PolicyVersion | null> {
  if (version === SHIPPED.version) return SHIPPED;
  const [row] = await db.select().from(policies).where(eq(policies.version, version));
  return row ? toVersion(row) : null;
}

/** Publishes on top of `baseVersion`; `stale` when another one was published since. */
export async function publishPolicy(
  db: Database,
  draft: { document: PolicyDocument; note: string | null; author: string; baseVersion: number },
): Promise<PolicyVersion | 'stale'> {
  const current = await currentPolicy(db);
  if (current.version !== draft.baseVersion) return 'stale';
  const [row] = await db
    .insert(policies)
    .values({ version: draft.baseVersion + 1, document: draft.document, note: draft.note, author: draft.author })
    .onConflictDoNothing()
    .returning();
  return row ? toVersion(row) : 'stale';
}

export async function readPause(db: Database): Promise<Pause> {
  const [row] = await db.select().from(settings).where(eq(settings.name, PAUSED));
  return row ? (JSON.parse(row.value) as Pause) : NOT_PAUSED;
}

export async function setPause(db: Database, pause: Pause): Promise<void> {
  const value = JSON.stringify(pause);
  await db
    .insert(settings)
    .values({ name: PAUSED, value })
    .onConflictDoUpdate({ target: settings.name, set: { value: sql`excluded.value` } });
}

/** The policy in force, ready to decide. */
export async function loadPolicy(db: Database): Promise<CompiledPolicy> {
  const [{ document, version }, { paused }] = await Promise.all([currentPolicy(db), readPause(db)]);
  return compilePolicy(document, { version, paused });
}

function toVersion(row: typeof policies.$inferSelect): PolicyVersion {
  return { ...row, document: row.document as PolicyDocument };
}
