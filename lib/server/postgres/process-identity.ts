import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { CHILD_ENV } from './account';

/**
 * What tells a process from a later one with the same pid: its start time (and the boot, where /proc counts from there).
 * `undefined` when no such process runs; a zombie has ended.
 */
export function processIdentity(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return existsSync('/proc/self/stat') ? identityFromProc(pid) : identityFromPs(pid);
}

function identityFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold blanks and brackets: count the fields behind it (proc(5): 3 is state, 22 starttime).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${bootId()}-${fields[19]}`;
  } catch {
    return undefined;
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Some sandboxes have none.
    return 'boot';
  }
}

function identityFromPs(pid: number): string | undefined {
  try {
    const started = execFileSync('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env: CHILD_ENV });
    return started.trim().replaceAll(/[^A-Za-z0-9]+/g, '-') || undefined;
  } catch {
    return undefined;
  }
}

/** Resolves to whether the process was gone within `timeoutMs`. */
export async function goneWithin(pid: number, timeoutMs: number): Promise<boolean> {
  const identity = processIdentity(pid);
  const until = performance.now() + timeoutMs;
  while (identity !== undefined && processIdentity(pid) === identity) {
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
