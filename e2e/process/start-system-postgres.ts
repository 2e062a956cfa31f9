import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { type Account, commandAs, runAs, unprivilegedUser } from '@/lib/server/postgres/account';
import { freePort } from '@/lib/server/postgres/free-port';
import { removeAtExit } from './child';
import { waitFor } from './wait-for';

/** Programs of the oldest PostgreSQL that Offpeak works with, where this machine has them. */
export const OLDEST_POSTGRES = [
  '/usr/lib/postgresql/15/bin',
  '/usr/pgsql-15/bin',
  '/opt/homebrew/opt/postgresql@15/bin',
].find((folder) => existsSync(join(folder, 'initdb')));

export interface SystemPostgres {
  url: string;
  stop(): Promise<void>;
}

/** A cluster of the machine's own PostgreSQL, as a `DATABASE_URL` would name one: on the loopback, fresh, unsafe and fast. */
export async function startSystemPostgres(programs: string): Promise<SystemPostgres> {
  const user = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  const account: Account = user ? { kind: 'user', uid: user.uid, gid: user.gid } : { kind: 'self' };
  const folder = await mkdtemp(join(tmpdir(), 'offpeak-pg-'));
  removeAtExit(folder);
  if (user) await chown(folder, user.uid, user.gid);
  const made = await runAs(account, join(programs, 'initdb'), ['-D', folder, '-U', 'postgres', '-A', 'trust', '-N']);
  if (!made.ok) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort(0);
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
  const args = ['-D', folder, ...settings.flatMap((setting) => ['-c', setting])];
  const command = commandAs(account, join(programs, 'postgres'), args);
  const server: ChildProcess = spawn(command.file, command.args, { cwd: '/', stdio: 'ignore', ...command.identity });
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  const end = () => void server.kill('SIGQUIT');
  process.once('exit', end);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await waitFor('PostgreSQL to accept connections', async () => {
    const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => undefined });
    return sql`select 1`.then(() => sql.end({ timeout: 1 })).then(() => true);
  });
  return {
    url,
    async stop() {
      process.off('exit', end);
      end();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
