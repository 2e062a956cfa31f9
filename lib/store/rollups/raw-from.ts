import type { Sql, TransactionSql } from 'postgres';

/** When the oldest day of the log begins, Unix ms; `Infinity`: there is none. */
export async function oldestPartitionAt(sql: Sql | TransactionSql): Promise<number> {
  const [row]: { day: string | null }[] = await sql.unsafe(
    `select min(substr(child.relname, 10)) as day from pg_inherits
     join pg_class child on child.oid = inhrelid join pg_class parent on parent.oid = inhparent
     where parent.relname = 'requests'`,
  );
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(row?.day ?? '') ?? [];
  return year ? Date.UTC(Number(year), Number(month) - 1, Number(day)) : Number.POSITIVE_INFINITY;
}
