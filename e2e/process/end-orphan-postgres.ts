import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from './wait-for';

/** Pid of the embedded server of a data folder, `null` when none is recorded or alive. */
export async function postmasterPid(dataDir: string): Promise<number | null> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n', 1)[0]);
  return pid > 1 && isAlive(pid) ? pid : null;
}

/** The server goes with its parent, also with a killed one; this waits for that and insists if need be. */
export async function endOrphanPostgres(dataDir: string): Promise<void> {
  const pid = await postmasterPid(dataDir);
  if (pid === null) return;
  await waitFor('PostgreSQL to end with its parent', () => !isAlive(pid), 10_000).catch(() =>
    process.kill(pid, 'SIGQUIT'),
  );
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
