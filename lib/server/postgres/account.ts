import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Who the server runs as; PostgreSQL refuses root.
 * - `self`: the user who started Offpeak.
 * - `namespace`: the same user, seen as `uid` inside a user namespace of its own: root keeps its files, also below a
 *   0700 home, and has no privilege left.
 * - `user`: another user; the caller is root.
 */
export type Account =
  | { kind: 'self' }
  | { kind: 'namespace'; uid: number }
  | { kind: 'user'; uid: number; gid: number };

/** What a child process gets to see of the environment: nothing of ours. */
export const CHILD_ENV: NodeJS.ProcessEnv = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
  // Next's types want it in every environment.
  NODE_ENV: 'production',
};

/** The command line, and uid and gid for `spawn`, that run `file` as `account`. */
export function commandAs(account: Account, file: string, args: readonly string[]) {
  switch (account.kind) {
    case 'self':
      return { file, args: [...args], identity: {} };
    case 'namespace':
      // unshare replaces itself with the command: the pid that spawn returns is the server's.
      return {
        file: 'unshare',
        args: ['--user', `--map-user=${account.uid}`, `--map-group=${account.uid}`, '--', file, ...args],
        identity: {},
      };
    case 'user':
      return { file, args: [...args], identity: { uid: account.uid, gid: account.gid } };
  }
}

/** How a finished command ended; `error` when it could not be started at all. */
export interface Finished {
  ok: boolean;
  stdout: string;
  stderr: string;
  error?: Error;
}

/** Runs a short command to its end as `account`, with `input` on its stdin. Never throws. */
export function runAs(
  account: Account,
  file: string,
  args: readonly string[],
  { cwd = '/', input = '' }: { cwd?: string; input?: string } = {},
): Promise<Finished> {
  const command = commandAs(account, file, args);
  return new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    const child = spawn(command.file, command.args, { cwd, env: CHILD_ENV, ...command.identity });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error) => resolve({ ok: false, stdout, stderr, error }));
    child.on('close', (code) => resolve({ ok: code === 0, stdout, stderr }));
    // A command that ends without reading leaves EPIPE here; its exit code tells the story.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

interface PasswdEntry {
  name: string;
  uid: number;
  gid: number;
}

/**
 * The users of /etc/passwd. initdb looks its own uid up there and refuses one without a name.
 */
export function passwdEntries(): PasswdEntry[] {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .filter((fields) => fields.length >= 4)
      .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
      .filter((entry) => Number.isSafeInteger(entry.uid) && Number.isSafeInteger(entry.gid));
  } catch {
    return [];
  }
}

/** The unprivileged user to become: `postgres` where the system has one, else `nobody`, else any but root. */
export function unprivilegedUser(): PasswdEntry | undefined {
  const users = passwdEntries().filter((entry) => entry.uid !== 0 && entry.gid !== 0);
  return users.find((user) => user.name === 'postgres') ?? users.find((user) => user.name === 'nobody') ?? users[0];
}
