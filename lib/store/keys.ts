import { and, desc, eq, sql } from 'drizzle-orm';
import type { Sql } from 'postgres';
import type { Key } from '@/lib/contract/keys';
import type { ApiKey } from '@/lib/core/api-key';
import { formatTolerance } from '@/lib/core/duration';
import type { Uuid } from '@/lib/core/ids';
import { formatUsd, type PicoUsd } from '@/lib/core/money';
import type { Tags } from '@/lib/core/tags';
import type { Database } from './connect';
import { keySpend, keys } from './schema';
import { SYNTH_BY } from './synth/synth-keys';

/** How long a revocation can be taken back: a slip of the hand is noticed within minutes. */
const RESTORABLE_MS = 5 * 60_000;

interface Spent {
  month: PicoUsd;
  all: PicoUsd;
}

const NOTHING_SPENT: Spent = { month: 0n, all: 0n };

/** A key before it has an id. `secretHmac` is `Secrets.hmacKey` of the secret, which is stored nowhere. */
export interface NewKey extends KeySecret {
  name: string;
  toleranceMs: number | null;
  tags: Tags;
  batch: boolean;
  store: boolean;
  patienceMs: number | null;
  monthlyBudgetPico: PicoUsd | null;
  upstream: string;
  /** Name of the operator. */
  createdBy: string;
}

/** What is kept of a secret: enough to compare and to recognise it, not to use it. */
export interface KeySecret {
  secretHmac: string;
  /** `opk_` and the next four characters. */
  prefix: string;
  last4: string;
}

export function keySecret(secret: string, hmac: (secret: string) => string): KeySecret {
  return { secretHmac: hmac(secret), prefix: secret.slice(0, 8), last4: secret.slice(-4) };
}

/** Answers `'name_taken'` when a key of that name is active. */
export async function createKey(db: Database, key: NewKey): Promise<Key | 'name_taken'> {
  const [row] = await db
    .insert(keys)
    .values({ id: sql`gen_random_uuid()`, ...key })
    .onConflictDoNothing()
    .returning();
  return row ? toKey(row, NOTHING_SPENT, new Date(0)) : 'name_taken';
}

/** Every key, revoked ones too, newest first. */
export async function listKeys(db: Database, now: Date): Promise<Key[]> {
  const [rows, spent] = await Promise.all([
    db.select().from(keys).orderBy(desc(keys.createdAt), desc(keys.id)),
    db
      .select({
        keyId: keySpend.keyId,
        month: sql<string>`coalesce(sum(${keySpend.spentPico}) filter (where ${keySpend.month} = ${now.toISOString().slice(0, 7)}), 0)::text`,
        all: sql<string>`sum(${keySpend.spentPico})::text`,
      })
      .from(keySpend)
      .groupBy(keySpend.keyId),
  ]);
  const byKey = new Map(spent.map(({ keyId, month, all }) => [keyId, { month: BigInt(month), all: BigInt(all) }]));
  return rows.map((row) => toKey(row, byKey.get(row.id) ?? NOTHING_SPENT, now));
}

/**
 * Takes back a revocation that is not older than `RESTORABLE_MS`. `'late'`: it is older; `'name_taken'`: another key has
 * its name by now.
 */
export async function restoreKey(
  db: Database,
  id: string,
  now: Date,
): Promise<Key | 'none' | 'active' | 'late' | 'name_taken'> {
  const [row] = await db.select().from(keys).where(eq(keys.id, id));
  if (!row) return 'none';
  if (row.revokedAt === null) return 'active';
  if (now.getTime() - row.revokedAt.getTime() > RESTORABLE_MS) return 'late';
  const isNameFree = sql`not exists (
    select 1 from ${keys} other where other.name = ${row.name} and other.revoked_at is null and other.id <> ${id})`;
  const [restored] = await db
    .update(keys)
    .set({ revokedAt: null })
    .where(and(eq(keys.id, id), isNameFree))
    .returning({ id: keys.id });
  if (!restored) return 'name_taken';
  return (await listKeys(db, now)).find((key) => key.id === id) ?? 'none';
}

/** A key that was revoked before keeps its time; `null` when there is no such key. */
export async function revokeKey(db: Database, id: string, now: Date): Promise<Key | null> {
  const [row] = await db
    .update(keys)
    .set({ revokedAt: sql`coalesce(${keys.revokedAt}, ${now.toISOString()}::timestamptz)` })
    .where(eq(keys.id, id))
    .returning();
  return row ? toKey(row, NOTHING_SPENT, now) : null;
}

/**
 * Makes the key of this secret exist. A name that another active key has gets a number. A revoked key stays revoked:
 * whoever revoked it meant it.
 */
export async function ensureSeedKey(
  db: Database,
  { name, ...secret }: KeySecret & { name: string },
): Promise<'created' | 'exists' | 'revoked'> {
  for (let number = 1; ; number++) {
    const [made] = await db
      .insert(keys)
      .values({
        id: sql`gen_random_uuid()`,
        name: number === 1 ? name : `${name}-${number}`,
        ...secret,
        createdBy: 'offpeak',
      })
      .onConflictDoNothing()
      .returning({ id: keys.id });
    if (made) return 'created';
    const [found] = await db
      .select({ revokedAt: keys.revokedAt })
      .from(keys)
      .where(eq(keys.secretHmac, secret.secretHmac));
    if (found) return found.revokedAt ? 'revoked' : 'exists';
  }
}

/** Whether any key was ever made to call with, revoked ones included. */
export async function hasKeys(sql: Sql): Promise<boolean> {
  const [row] = await sql<
    { any: boolean }[]
  >`select exists (select 1 from keys where created_by <> ${SYNTH_BY}) as any`;
  return row?.any ?? false;
}

/** All keys that are not revoked, by the HMAC of their secret. */
export async function loadActiveKeys(sql: Sql): Promise<ReadonlyMap<string, ApiKey>> {
  const rows = await sql<ActiveRow[]>`select ${columns(sql)} from keys where revoked_at is null`;
  return new Map(rows.map((row) => [row.secret_hmac, toApiKey(row)]));
}

/** One key, when it is not revoked. */
export async function findActiveKey(sql: Sql, secretHmac: string): Promise<ApiKey | null> {
  const [row] = await sql<ActiveRow[]>`
    select ${columns(sql)} from keys where secret_hmac = ${secretHmac} and revoked_at is null`;
  return row ? toApiKey(row) : null;
}

/** The active key of this name. */
export async function findKeyNamed(sql: Sql, name: string): Promise<ApiKey | null> {
  const [row] = await sql<ActiveRow[]>`select ${columns(sql)} from keys where name = ${name} and revoked_at is null`;
  return row ? toApiKey(row) : null;
}

/** What each active key with a budget has spent in that month (`2026-11`); absent: nothing yet. */
export async function loadSpend(sql: Sql, month: string): Promise<ReadonlyMap<string, PicoUsd>> {
  const rows = await sql<{ key_id: string; spent_pico: string }[]>`
    select s.key_id, s.spent_pico from key_spend s join keys k on k.id = s.key_id
    where s.month = ${month} and k.monthly_budget_pico is not null and k.revoked_at is null`;
  return new Map(rows.map((row) => [row.key_id, BigInt(row.spent_pico)]));
}

/** As the raw client reads it: a bigint is text. */
interface ActiveRow {
  id: Uuid;
  name: string;
  secret_hmac: string;
  tolerance_ms: number | null;
  tags: Tags;
  batch: boolean;
  store: boolean;
  patience_ms: number | null;
  monthly_budget_pico: string | null;
  upstream: string;
}

function columns(sql: Sql) {
  return sql`id, name, secret_hmac, tolerance_ms, tags, batch, store, patience_ms, monthly_budget_pico, upstream`;
}

function toApiKey(row: ActiveRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    toleranceMs: row.tolerance_ms,
    tags: row.tags,
    batch: row.batch,
    store: row.store,
    patienceMs: row.patience_ms,
    monthlyBudgetPico: row.monthly_budget_pico === null ? null : BigInt(row.monthly_budget_pico),
    upstream: row.upstream,
  };
}

function toKey(row: typeof keys.$inferSelect, spent: Spent, now: Date): Key {
  const { id, name, prefix, last4, tags, batch, store, upstream, createdBy } = row;
  const until = row.revokedAt && new Date(row.revokedAt.getTime() + RESTORABLE_MS);
  const restorableUntil = until && until >= now ? until : null;
  return {
    id,
    name,
    prefix,
    last4,
    tolerance: row.toleranceMs === null ? null : formatTolerance(row.toleranceMs),
    tags: { ...tags },
    batch,
    store,
    patience: row.patienceMs === null ? null : formatTolerance(row.patienceMs),
    monthlyBudgetUsd: row.monthlyBudgetPico === null ? null : formatUsd(row.monthlyBudgetPico),
    upstream,
    createdAt: row.createdAt.toISOString(),
    createdBy,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    spentMonthUsd: formatUsd(spent.month),
    spentUsd: formatUsd(spent.all),
    restorableUntil: restorableUntil?.toISOString() ?? null,
  };
}
