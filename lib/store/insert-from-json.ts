/**
 * An insert of many rows with one parameter: the column list is fixed here, the values travel as one JSON text. A row
 * that is already there changes nothing.
 */
export function insertFromJson(table: string, columns: Record<string, string>): string {
  const names = Object.keys(columns).map((name) => `"${name}"`);
  return `insert into ${table} (${names}) select ${names} from ${recordset(columns)} on conflict do nothing`;
}

/** The first parameter's rows as a table `r`. */
export function recordset(columns: Record<string, string>): string {
  const typed = Object.entries(columns).map(([name, type]) => `"${name}" ${type}`);
  return `jsonb_to_recordset($1::text::jsonb) as r(${typed})`;
}

// What jsonb refuses although JSON allows it: U+0000 and lone surrogates, which a client can put into a model's name.
const UNSTORABLE = /\\u0000|\\ud[89a-f]/i;

export function jsonForPostgres(value: unknown): string {
  const text = JSON.stringify(value);
  return UNSTORABLE.test(text) ? JSON.stringify(value, (_key, inner) => storable(inner)) : text;
}

function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd').toWellFormed();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [storable(key), inner]));
}
