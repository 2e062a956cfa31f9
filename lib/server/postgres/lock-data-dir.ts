import { randomBytes } from 'node:crypto';
import { rmdirSync, unlinkSync } from 'node:fs';
import { mkdir, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '@/lib/server/start-error';
import { errorCode, explainFileError, prepareDataDir } from './data-dir';
import { processIdentity } from './process-identity';

/** A lock that this process holds. Releasing it twice does nothing. */
export interface HeldLock {
  release(): void;
}

/**
 * One Offpeak at a time per data folder, which is made if it is missing. A process that died does not hold the lock.
 * @throws StartError naming the pid that holds it, or why the folder cannot be used.
 */
export async function lockDataDir(dataDir: string): Promise<HeldLock> {
  await prepareDataDir(dataDir);
  return lockPath(
    join(dataDir, 'lock'),
    (pid) =>
      `The data folder ${dataDir} is in use by another Offpeak (process ${pid}); stop it or set OFFPEAK_DATA_DIR.`,
  );
}

/**
 * The lock is a folder with one entry, named after its holder. `rename` puts a folder over a missing or an empty one and
 * refuses a filled one, so taking it is atomic; and clearing a dead holder away removes that holder's entry by its
 * name, never the lock of someone who was faster.
 */
export async function lockPath(path: string, heldBy: (pid: number) => string): Promise<HeldLock> {
  const nonce = randomBytes(4).toString('hex');
  const entry = `${process.pid}.${processIdentity(process.pid) ?? 'unknown'}.${nonce}`;
  const mine = `${path}.${nonce}`;
  try {
    await mkdir(mine, { mode: 0o755 });
    await writeFile(join(mine, entry), '');
    for (;;) {
      if (await renamedOver(mine, path)) return { release: () => release(path, entry) };
      for (const other of await entriesOf(path)) {
        const [pid = '', identity = ''] = other.split('.');
        if (processIdentity(Number(pid)) === identity) throw new StartError(heldBy(Number(pid)));
        await unlink(join(path, other)).catch(ignoreMissing);
      }
    }
  } catch (error) {
    await rm(mine, { recursive: true, force: true });
    throw explainFileError(error, path);
  }
}

async function renamedOver(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

async function entriesOf(path: string): Promise<string[]> {
  return readdir(path).catch((error: unknown) => {
    ignoreMissing(error);
    return [];
  });
}

function release(path: string, entry: string): void {
  try {
    unlinkSync(join(path, entry));
    rmdirSync(path);
  } catch {
    // Gone already, or taken by the next one between the two calls.
  }
}

function ignoreMissing(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error;
}
