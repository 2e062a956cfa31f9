import { randomBytes } from 'node:crypto';
import { chown, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What is kept of the embedded server between starts, in `postgres.json` (0600). */
export interface ServerRecord {
  /** 0 before the first start. */
  port: number;
  password: string;
  /** Folder of the cluster. */
  location: string;
}

/** The record of the last start; `undefined` when there is none or it cannot be read as one. */
export async function readServerRecord(dataDir: string): Promise<ServerRecord | undefined> {
  try {
    const { port, password, location }: Partial<ServerRecord> = JSON.parse(
      await readFile(join(dataDir, 'postgres.json'), 'utf8'),
    );
    if (typeof port !== 'number' || typeof location !== 'string') return undefined;
    return typeof password === 'string' && /^[\w-]{20,}$/.test(password) ? { port, password, location } : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the record in one step; it belongs to the owner of the data folder. */
export async function writeServerRecord(dataDir: string, record: ServerRecord): Promise<void> {
  const path = join(dataDir, 'postgres.json');
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(`${JSON.stringify(record, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  if (process.getuid?.() === 0) {
    const { uid, gid } = await stat(dataDir);
    await chown(`${path}.new`, uid, gid);
  }
  await rename(`${path}.new`, path);
}

/** 192 random bits, safe inside a URL and a SQL literal. */
export function newPassword(): string {
  return randomBytes(24).toString('base64url');
}
