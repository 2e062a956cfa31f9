import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { openPool } from '@/lib/store/connect';
import { exportTo, importFrom, linesOf } from '@/lib/store/transfer';

const STATEMENT_TIMEOUT_MS = 12 * 3_600_000;

/** Writes everything in the database to a new file, compressed; what is encrypted there stays encrypted. */
export async function exportFile(databaseUrl: string, path: string): Promise<void> {
  const gzip = createGzip({ level: 5 });
  const written = pipeline(gzip, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  written.catch(() => undefined);
  await withPool(databaseUrl, (sql) =>
    exportTo(sql, async (chunk) => {
      if (!gzip.write(chunk)) await Promise.race([new Promise((resolve) => gzip.once('drain', resolve)), written]);
    }),
  );
  gzip.end();
  await written;
}

/** Fills an empty database with what such a file holds. */
export async function importFile(databaseUrl: string, path: string): Promise<void> {
  const gunzip = createGunzip();
  const read = pipeline(createReadStream(path), gunzip);
  read.catch(() => undefined);
  await withPool(databaseUrl, (sql) => importFrom(sql, linesOf(gunzip)));
}

async function withPool(url: string, act: (sql: ReturnType<typeof openPool>) => Promise<void>): Promise<void> {
  const sql = openPool(url, { name: 'transfer', max: 1, statementTimeoutMs: STATEMENT_TIMEOUT_MS, pipeline: 100 });
  try {
    await act(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
