import type { Sql, TransactionSql } from 'postgres';
import { DAY_MS } from '@/lib/core/duration';
import { uuidFloor } from '@/lib/core/ids';

const TABLES = { requests: 'log', attempts: 'log', request_bodies: 'bodies' } as const;
export type PartitionedTable = keyof typeof TABLES;

/** How long rows of each kind are kept, in ms. */
export interface Retention {
  log: number;
  bodies: number;
}

/** UTC day of a moment, as days since 1970. */
export function dayOf(atMs: number): number {
  return Math.floor(atMs / DAY_MS);
}

export function partitionName(table: PartitionedTable, day: number): string {
  return `${table}_${new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

/** Creates the partitions of these days in every partitioned table. Safe against other replicas doing the same. */
export async function ensurePartitions(sql: Sql, days: readonly number[]): Promise<void> {
  for (const day of days) {
    for (const table of Object.keys(TABLES) as PartitionedTable[]) {
      const from = uuidFloor(day * DAY_MS);
      const to = uuidFloor((day + 1) * DAY_MS);
      await createPartition(sql, table, partitionName(table, day), from, to);
    }
  }
}

/** Drops partitions whose whole day lies before the retention. Answers their names. */
export async function dropExpiredPartitions(sql: Sql, retention: Retention, nowMs: number): Promise<string[]> {
  const dropped: string[] = [];
  for (const [table, kind] of Object.entries(TABLES) as [PartitionedTable, keyof Retention][]) {
    const oldestKept = partitionName(table, dayOf(nowMs - retention[kind]));
    const rows = await sql<{ name: string }[]>`
      select child.relname as name from pg_inherits
      join pg_class child on child.oid = inhrelid join pg_class parent on parent.oid = inhparent
      where parent.relname = ${table} and child.relname < ${oldestKept} order by 1`;
    for (const { name } of rows) {
      await sql.unsafe(`drop table if exists "${name}"`);
      dropped.push(name);
    }
  }
  return dropped;
}

// Made apart and then attached: `create table … partition of` would lock out every reader of the parent meanwhile.
async function createPartition(sql: Sql, table: PartitionedTable, name: string, from: string, to: string) {
  const [found] = await sql`select to_regclass(${name}) is not null as there`;
  if (found?.there) return;
  try {
    await sql.begin(async (tx) => {
      await tx.unsafe(`create table "${name}" (like "${table}" including all)`);
      await attachPartition(tx, table, name, from, to);
    });
  } catch (error) {
    // Another replica was faster.
    if (!isRace(error)) throw error;
  }
}

/** Makes a table a partition; indexes that it lacks are made. */
export async function attachPartition(
  tx: TransactionSql,
  table: PartitionedTable,
  name: string,
  from: string,
  to: string,
) {
  await tx.unsafe(`alter table "${table}" attach partition "${name}" for values from ('${from}') to ('${to}')`);
}

/** Another process has just made the same: duplicate_table, unique_violation, duplicate_object. */
export function isRace(error: unknown): boolean {
  return ['42P07', '23505', '42710'].includes(String((error as { code?: unknown }).code));
}
