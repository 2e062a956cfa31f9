import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Sql, TransactionSql } from 'postgres';
import { DAY_MS } from '@/lib/core/duration';
import { ensurePartitions } from './partitions';

/**
 * An export is lines of text: a header, then for every table its name and columns as JSON, its rows as Postgres' COPY
 * writes them, and `\.`. No row holds a bare newline or is that end, so that it is read in one pass.
 */
interface Header {
  offpeak: 'export';
  /** What makes the tables what they are: hashes of the migrations, in order. */
  migrations: string[];
  /** Days of the log, since 1970. */
  days: number[];
}

interface TableHead {
  table: string;
  columns: string[];
}

const END = '\\.';
const NEWLINE = 0x0a;

/** Everything in the database as it is at one moment, line by line. */
export async function exportTo(sql: Sql, write: (chunk: Buffer | string) => Promise<void>): Promise<void> {
  await sql.begin('isolation level repeatable read read only', async (tx) => {
    const header: Header = { offpeak: 'export', migrations: await migrations(tx), days: await logDays(tx) };
    await write(`${JSON.stringify(header)}\n`);
    for (const head of await tables(tx)) {
      await write(`${JSON.stringify(head)}\n`);
      for (const part of await partsOf(tx, head.table)) {
        const rows = await tx.unsafe(`copy (select ${columnList(head)} from "${part}") to stdout`).readable();
        for (const chunk of await taken(rows)) await write(chunk);
      }
      await write(`${END}\n`);
    }
  });
}

/** Days of a partitioned table one by one; another table as a whole. */
async function partsOf(tx: TransactionSql, table: string): Promise<string[]> {
  const rows = await tx<{ part: string }[]>`
    select child.relname as part from pg_inherits
    join pg_class child on child.oid = inhrelid join pg_class parent on parent.oid = inhparent
    where parent.relname = ${table} and parent.relkind = 'p' order by 1`;
  const [partitioned] = await tx`select 1 from pg_class where relname = ${table} and relkind = 'p'`;
  return partitioned ? rows.map(({ part }) => part) : [table];
}

// As fast as it comes, a day at a time: postgres.js pauses its socket for a slow reader, and when the rows end then it
// never goes on.
function taken(rows: Readable): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    rows.on('data', (chunk: Buffer) => chunks.push(chunk));
    rows.once('end', () => resolve(chunks));
    rows.once('error', reject);
  });
}

/**
 * Fills a database of the same version with an export; all or nothing.
 * @throws when it holds calls or keys already, or when the export is of another version or cut short.
 */
export async function importFrom(sql: Sql, lines: AsyncIterator<string>): Promise<void> {
  const next = async () => {
    const { done, value } = await lines.next();
    return done ? null : value;
  };
  const header = JSON.parse((await next()) ?? 'null') as Header | null;
  if (header?.offpeak !== 'export') throw new Error('this is no export of Offpeak');
  if (JSON.stringify(header.migrations) !== JSON.stringify(await migrations(sql))) {
    throw new Error('the export was made with another version of Offpeak: start that version on it, or this one there');
  }
  const [used] = await sql<{ used: boolean }[]>`
    select exists (select 1 from requests) or exists (select 1 from keys) or exists (select 1 from items) as used`;
  if (used?.used) throw new Error('the database is in use: it holds calls or keys; import into an empty one');
  await ensurePartitions(sql, header.days);
  await sql.begin(async (tx) => {
    const known = new Map((await tables(tx)).map((head) => [head.table, head]));
    await tx.unsafe(`truncate ${[...known.keys()].map((table) => `"${table}"`).join(', ')}`);
    for (let line = await next(); line !== null; line = await next()) {
      const head = JSON.parse(line) as TableHead;
      const ours = known.get(head.table);
      if (!ours || !head.columns.every((column) => ours.columns.includes(column))) {
        throw new Error(`the export has a table that this version does not have: ${head.table}`);
      }
      known.delete(head.table);
      // The rows bring their own marks.
      if (head.table === 'rollup_marks') await tx`truncate rollup_marks`;
      const target = await tx.unsafe(`copy "${head.table}" (${columnList(head)}) from stdin`).writable();
      await pipeline(Readable.from(rowsOf(next)), target);
    }
    if (known.size > 0) throw new Error('the export is cut short');
    await followSequences(tx);
  });
}

/** Only a newline ends a row: names hold other line separators, which Node's own reader would cut at. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      rest.push(chunk.subarray(from, at));
      yield Buffer.concat(rest).toString('utf8');
      rest = [];
      from = at + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  if (rest.length > 0) throw new Error('the export is cut short');
}

async function* rowsOf(next: () => Promise<string | null>): AsyncGenerator<string> {
  for (let line = await next(); line !== END; line = await next()) {
    if (line === null) throw new Error('the export is cut short');
    yield `${line}\n`;
  }
}

/** Every table of ours with what is written into it, what refers to another after it, and marks last. */
async function tables(sql: Sql | TransactionSql): Promise<TableHead[]> {
  const rows = (await sql.unsafe(`
    select c.relname as table, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    group by c.oid, c.relname
    order by c.relname = 'rollup_marks', exists (select 1 from pg_constraint f where f.conrelid = c.oid and f.contype = 'f'),
      c.relname`)) as unknown as TableHead[];
  return rows.map(({ table, columns }) => ({ table, columns }));
}

async function migrations(sql: Sql | TransactionSql): Promise<string[]> {
  const rows: { hash: string }[] = await sql.unsafe('select hash from drizzle.__drizzle_migrations order by id');
  return rows.map(({ hash }) => hash);
}

async function logDays(tx: TransactionSql): Promise<number[]> {
  const rows = await tx<{ day: string }[]>`
    select distinct right(child.relname, 8) as day from pg_inherits
    join pg_class child on child.oid = inhrelid join pg_class parent on parent.oid = inhparent
    where parent.relname in ('requests', 'attempts', 'request_bodies') order by 1`;
  return rows.map(({ day }) => Date.UTC(+day.slice(0, 4), +day.slice(4, 6) - 1, +day.slice(6)) / DAY_MS);
}

/** Numbers that are given next come after those that were brought. */
async function followSequences(tx: TransactionSql): Promise<void> {
  const rows = await tx<{ table: string; column: string; sequence: string }[]>`
    select c.relname as table, a.attname as column, pg_get_serial_sequence(quote_ident(c.relname), a.attname) as sequence
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not c.relispartition
      and pg_get_serial_sequence(quote_ident(c.relname), a.attname) is not null`;
  for (const { table, column, sequence } of rows) {
    await tx.unsafe(`select setval('${sequence}', coalesce((select max("${column}") from "${table}"), 0) + 1, false)`);
  }
}

function columnList({ columns }: TableHead): string {
  return columns.map((column) => `"${column.replaceAll('"', '""')}"`).join(', ');
}
