import { once } from 'node:events';
import type { TransactionSql } from 'postgres';
import { jsonForPostgres } from './insert-from-json';

type Row = Readonly<Record<string, unknown>>;

/** Adds rows by COPY: several times as fast as an insert, but a row that is there already is an error. */
export async function copyRows(
  tx: TransactionSql,
  table: string,
  columns: Record<string, string>,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return;
  const names = Object.keys(columns);
  const into = await tx.unsafe(`copy "${table}" (${names.map((name) => `"${name}"`)}) from stdin`).writable();
  let text = '';
  for (const row of rows) {
    let separator = '';
    for (const name of names) {
      text += separator + cell(row[name], columns[name]);
      separator = '\t';
    }
    text += '\n';
  }
  const done = once(into, 'finish');
  into.end(text);
  await done;
}

function cell(value: unknown, type: string | undefined): string {
  if (value === null || value === undefined) return '\\N';
  if (type === 'jsonb') return escaped(jsonForPostgres(value));
  if (typeof value === 'string') return escaped(value);
  return value instanceof Date ? value.toISOString() : String(value);
}

const SPECIAL = /[\\\t\n\r\0]/;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\ufffd' };

function escaped(text: string): string {
  return SPECIAL.test(text) ? text.replace(/[\\\t\n\r\0]/g, (one) => ESCAPES[one] ?? one) : text;
}
