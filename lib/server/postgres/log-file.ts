import {
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';

const MAX_BYTES = 5_000_000;
const CHECK_EVERY_MS = 30_000;

/** The server's log: at most about 5 MB, and as much again in `<path>.1`. */
export interface LogFile {
  path: string;
  /** For the server's stdout and stderr. */
  fd: number;
  /** What was written since `mark()`. */
  sinceMark(): string;
  mark(): void;
  close(): void;
}

/** Opens the log for appending and keeps it short while it is open. The file belongs to the owner of its folder. */
export function openLogFile(path: string): LogFile {
  // Appending writers follow a truncation: the server needs no restart and no signal.
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600);
  if (process.getuid?.() === 0) {
    const { uid, gid } = statSync(dirname(path));
    chownSync(path, uid, gid);
  }
  let marked = 0;
  const keepShort = () => {
    if (fstatSync(fd).size <= MAX_BYTES) return;
    try {
      copyFileSync(path, `${path}.1`);
    } catch {
      // A full disk must not keep the log from being cut.
    }
    ftruncateSync(fd, 0);
    marked = 0;
  };
  keepShort();
  const timer = setInterval(keepShort, CHECK_EVERY_MS).unref();

  return {
    path,
    fd,
    mark() {
      marked = fstatSync(fd).size;
    },
    sinceMark() {
      const text = Buffer.alloc(Math.min(64_000, Math.max(0, fstatSync(fd).size - marked)));
      readSync(fd, text, 0, text.length, marked);
      return text.toString('utf8');
    },
    close() {
      clearInterval(timer);
      closeSync(fd);
    },
  };
}
