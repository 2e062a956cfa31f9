import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '@/lib/server/start-error';
import { CHILD_ENV, commandAs } from './account';
import type { Place } from './choose-place';
import { diskFull } from './data-dir';
import type { LogFile } from './log-file';

/** A cold disk or a long recovery takes its time; a server that does nothing for this long is not coming. */
const READY_WITHIN_MS = 300_000;

/** A running server. */
export interface Postmaster {
  pid: number;
  /** Resolves to how it ended, such as `signal SIGKILL`. */
  ended: Promise<string>;
}

/** Why a server did not come up; `portTaken` is worth another try on another port. */
export class PostmasterFailed extends Error {
  constructor(
    message: string,
    readonly portTaken: boolean,
    readonly diskFull: boolean,
  ) {
    super(message);
  }
}

/**
 * Starts the server in a session of its own, so that a Ctrl-C in the terminal reaches Offpeak and not the server, and
 * resolves when it accepts connections.
 * @throws PostmasterFailed
 */
export async function startPostmaster(place: Place, port: number, log: LogFile): Promise<Postmaster> {
  const { account, clusterDir, serverDir } = place;
  const config = `config_file=${join(clusterDir, 'offpeak.conf')}`;
  const args = ['-D', clusterDir, '-p', String(port), '-c', config];
  const command = commandAs(account, join(serverDir, 'bin', 'postgres'), args);
  log.mark();
  const child = spawn(command.file, command.args, {
    cwd: '/',
    env: CHILD_ENV,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    ...command.identity,
  });
  child.unref();
  if (child.pid !== undefined) stopWithUs(child.pid, child);
  let end: string | undefined;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  }).then((how) => {
    end = how;
    return how;
  });

  const until = performance.now() + READY_WITHIN_MS;
  while (end === undefined && performance.now() < until) {
    if (child.pid !== undefined && (await isReady(clusterDir, child.pid))) return { pid: child.pid, ended };
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  if (end === undefined) child.kill('SIGQUIT');
  throw failure(end ?? `not ready within ${READY_WITHIN_MS / 1000} s`, log);
}

/**
 * Stops the server when this process is gone, however it went: a shell waits for the end of a pipe that only we hold.
 * Should it be killed too, the next start stops the server.
 */
function stopWithUs(pid: number, server: ChildProcess): void {
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$1"', 'sh', String(pid)], {
    cwd: '/',
    env: CHILD_ENV,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => {});
  guard.unref();
  // Its pid is free from here on: the guard must not signal whoever gets it.
  server.once('exit', () => guard.kill('SIGKILL'));
}

/** The server keeps its state in the eighth line of its pid file; `ready` means that it accepts connections. */
async function isReady(clusterDir: string, pid: number): Promise<boolean> {
  const lines = (await readFile(join(clusterDir, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

function failure(end: string, log: LogFile): PostmasterFailed {
  const said = log.sinceMark();
  const reason = /(?:FATAL|PANIC): +(.+)/.exec(said)?.[1];
  return new PostmasterFailed(
    reason ? `${reason} (${end})` : end,
    said.includes('Address already in use') || said.includes('could not create any TCP/IP sockets'),
    said.includes('No space left on device'),
  );
}

/** The sentence for a server that did not come up at Offpeak's start. */
export function cannotStart(error: unknown, clusterDir: string, logPath: string): unknown {
  if (!(error instanceof PostmasterFailed)) return error;
  if (error.diskFull) return diskFull(clusterDir, error);
  return new StartError(`The embedded PostgreSQL in ${clusterDir} did not start: ${error.message}; see ${logPath}.`, {
    cause: error,
  });
}
