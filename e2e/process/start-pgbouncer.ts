import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { type Account, commandAs, unprivilegedUser } from '@/lib/server/postgres/account';
import { freePort } from '@/lib/server/postgres/free-port';
import { removeAtExit } from './child';
import { waitFor } from './wait-for';

/** The program, where this machine has it. */
export const PGBOUNCER = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/opt/homebrew/bin/pgbouncer'].find((file) =>
  existsSync(file),
);

export interface PgBouncer {
  /** The same database, through it. */
  url(direct: string): string;
  /** What it said so far. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** A PgBouncer as Debian configures it but for the pool's mode, in front of the server of `direct`. */
export async function startPgBouncer(
  direct: string,
  mode: 'session' | 'transaction',
  settings: Readonly<Record<string, string | number>> = {},
): Promise<PgBouncer> {
  const user = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  const account: Account = user ? { kind: 'user', uid: user.uid, gid: user.gid } : { kind: 'self' };
  const folder = await mkdtemp(join(tmpdir(), 'offpeak-pgbouncer-'));
  removeAtExit(folder);
  const { hostname, port: serverPort, username, password } = new URL(direct);
  const port = await freePort(0);
  const own = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: mode,
    max_client_conn: 500,
    logfile: join(folder, 'log'),
    ...settings,
  };
  const server = `host=${hostname} port=${serverPort} user=${username} password=${decodeURIComponent(password)}`;
  const lines = Object.entries(own).map(([name, value]) => `${name} = ${value}\n`);
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(file, `[databases]\n* = ${server}\n[pgbouncer]\n${lines.join('')}`, { mode: 0o600 });
  if (user) for (const path of [folder, file]) await chown(path, user.uid, user.gid);
  const command = commandAs(account, PGBOUNCER ?? '', [file]);
  const bouncer: ChildProcess = spawn(command.file, command.args, { cwd: '/', stdio: 'ignore', ...command.identity });
  const ended = new Promise<void>((resolve) => bouncer.once('close', () => resolve()));
  const end = () => void bouncer.kill('SIGKILL');
  process.once('exit', end);
  const through = (url: string) => {
    const other = new URL(url);
    other.host = `127.0.0.1:${port}`;
    return other.href;
  };
  await waitFor('PgBouncer to accept connections', async () => {
    const sql = postgres(through(direct), { max: 1, connect_timeout: 2, prepare: false, onnotice: () => undefined });
    return sql`select 1`.then(() => sql.end({ timeout: 1 })).then(() => true);
  });
  return {
    url: through,
    log: () => readFile(own.logfile, 'utf8'),
    async stop() {
      process.off('exit', end);
      end();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
