import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CHILD_ENV } from './account';
import { goneWithin } from './process-identity';

const FAST_SHUTDOWN_MS = 15_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;
const LEAVE_MS = 300;

/**
 * Ends what a killed Offpeak left running on this cluster: a postmaster, its backends, an initdb. A pid file whose pid is
 * somebody else's by now is removed, or the server would refuse to start.
 * @returns the pid of the postmaster that was stopped, if there was one.
 */
export async function endLeftovers(clusterDir: string): Promise<number | undefined> {
  const pidFile = join(clusterDir, 'postmaster.pid');
  const recorded = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  const running = await processesIn(clusterDir);
  const postmaster = running.includes(recorded) ? recorded : undefined;
  if (postmaster !== undefined) await stopPostmaster(postmaster);
  await killProcessesIn(clusterDir);
  await rm(pidFile, { force: true });
  return postmaster;
}

/** Fast shutdown; after 15 s without a checkpoint; after 5 s more the hard way, which the next start recovers from. */
export async function stopPostmaster(pid: number): Promise<void> {
  signal(pid, 'SIGINT');
  if (await goneWithin(pid, FAST_SHUTDOWN_MS)) return;
  signal(pid, 'SIGQUIT');
  if (await goneWithin(pid, IMMEDIATE_SHUTDOWN_MS)) return;
  signal(pid, 'SIGKILL');
  await goneWithin(pid, IMMEDIATE_SHUTDOWN_MS);
}

/**
 * Ends every process at work in the cluster's folder. Backends that lost their postmaster leave by themselves at once, but a
 * stopped or busy one holds the cluster's shared memory and so blocks every start; an initdb goes on without its parent.
 */
async function killProcessesIn(clusterDir: string): Promise<void> {
  // Again until there is none: an initdb may have started its next step meanwhile.
  for (let left = await processesIn(clusterDir); left.length > 0; left = await processesIn(clusterDir)) {
    const stayed = await Promise.all(left.map(async (pid) => !(await goneWithin(pid, LEAVE_MS))));
    for (const pid of left.filter((_, index) => stayed[index])) signal(pid, 'SIGKILL');
    await Promise.all(left.map((pid) => goneWithin(pid, IMMEDIATE_SHUTDOWN_MS)));
  }
}

/** Every server process works inside its cluster's folder. */
async function processesIn(clusterDir: string): Promise<number[]> {
  const dir = await realpath(clusterDir).catch(() => clusterDir);
  if (!existsSync('/proc/self/cwd')) return processesNaming(dir);
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && workingDirectory(pid) === dir);
}

function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function processesNaming(dir: string): number[] {
  const listing = execFileSync('/bin/ps', ['-axo', 'pid=,command='], { encoding: 'utf8', env: CHILD_ENV });
  return listing
    .split('\n')
    .filter((line) => line.includes('postgres') && line.includes(dir))
    .map((line) => Number.parseInt(line, 10))
    .filter((pid) => pid > 0 && pid !== process.pid);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}
