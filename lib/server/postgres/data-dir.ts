import { randomBytes } from 'node:crypto';
import { mkdir, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isStartError, StartError } from '@/lib/server/start-error';

/**
 * Makes the data folder (0700) if it is missing and proves that files can be written there.
 * @throws StartError when it is a file, not writable, or its disk is full.
 */
export async function prepareDataDir(dataDir: string): Promise<void> {
  const proof = join(dataDir, `.writable-${randomBytes(4).toString('hex')}`);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    if (!(await stat(dataDir)).isDirectory()) throw notAFolder(dataDir);
    await writeFile(proof, 'x');
    await unlink(proof);
  } catch (error) {
    throw explainFileError(error, dataDir);
  }
}

/** The sentence for a file system error below `path`; any other error comes back as it is. */
export function explainFileError(error: unknown, path: string): unknown {
  if (isStartError(error)) return error;
  switch (errorCode(error)) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StartError(
        `Offpeak cannot write to ${path} (${errorCode(error)}); make it writable for this user or set OFFPEAK_DATA_DIR.`,
        { cause: error },
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(path, error);
    case 'EEXIST':
    case 'ENOTDIR':
      return notAFolder(path, error);
    default:
      return error;
  }
}

/** The sentence for a disk without room left. */
export function diskFull(path: string, cause?: unknown): StartError {
  return new StartError(`The disk that holds ${path} is full; free some space or set OFFPEAK_DATA_DIR.`, { cause });
}

function notAFolder(path: string, cause?: unknown): StartError {
  return new StartError(`The data folder ${path} is a file or lies below one; set OFFPEAK_DATA_DIR to a folder.`, {
    cause,
  });
}

/** `error.code` of a system error. */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
