import { existsSync } from 'node:fs';
import { chown, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '@/lib/server/start-error';
import { type Finished, runAs } from './account';
import type { Place } from './choose-place';
import { ACCESS_RULES, clusterSettings } from './cluster-settings';
import { diskFull } from './data-dir';

/** Written last: a cluster without it was never finished and holds nothing. */
const MARKER = 'offpeak-cluster';

/** Whether there is a finished cluster in `clusterDir`. */
export function hasCluster(clusterDir: string): boolean {
  return existsSync(join(clusterDir, MARKER));
}

/**
 * Makes the cluster, with the role `offpeak` (no superuser) and its database, in place of whatever half of one is there.
 * @throws StartError with what initdb says.
 */
export async function createCluster(place: Place, password: string): Promise<void> {
  const { account, clusterDir, serverDir } = place;
  for (const name of await readdir(clusterDir)) await rm(join(clusterDir, name), { recursive: true, force: true });
  const initdb = await runAs(
    account,
    join(serverDir, 'bin', 'initdb'),
    [
      ...['--pgdata', clusterDir, '--username', 'postgres', '--auth', 'reject', '--encoding', 'UTF8', '--locale', 'C'],
      // PostgreSQL's own C.UTF-8: an upgrade of the system's C library cannot change the order of an index.
      ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--no-instructions'],
    ],
    // Tells whose it is when its parent is killed meanwhile.
    { cwd: clusterDir },
  );
  if (!initdb.ok) throw cannotCreate(clusterDir, initdb);
  await writeSettings(place);
  await asSuperuser(place, [
    `CREATE ROLE offpeak LOGIN CREATEDB CREATEROLE PASSWORD '${password}'`,
    'GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO offpeak',
    'CREATE DATABASE offpeak OWNER offpeak',
  ]);
  await writeOwned(place, MARKER, `${place.version}\n`);
  const folder = await open(clusterDir);
  await folder.sync().finally(() => folder.close());
}

/** Gives the role a new password: the one that was kept beside the cluster is lost. */
export async function resetPassword(place: Place, password: string): Promise<void> {
  await writeSettings(place);
  await asSuperuser(place, [`ALTER ROLE offpeak LOGIN PASSWORD '${password}'`]);
}

/** Settings belong to this version of Offpeak: they are written at every start. */
export async function writeSettings(place: Place): Promise<void> {
  await writeOwned(place, 'pg_hba.conf', ACCESS_RULES);
  await writeOwned(place, 'offpeak.conf', clusterSettings());
}

/** @throws StartError when the cluster was made by another major version than the server's. */
export async function refuseOtherMajor(place: Place): Promise<void> {
  const made = (await readFile(join(place.clusterDir, 'PG_VERSION'), 'utf8')).trim();
  const ours = place.version.split('.')[0];
  if (made === ours) return;
  throw new StartError(
    `The database in ${place.clusterDir} was made by PostgreSQL ${made} and this Offpeak brings ${ours}; run \`npm run db -- export FILE\` with the Offpeak that made it, move the folder away, then \`npm run db -- import FILE\` with this one.`,
  );
}

async function asSuperuser(place: Place, statements: string[]): Promise<void> {
  const { account, clusterDir, serverDir } = place;
  const args = ['--single', '-D', clusterDir, '-c', `config_file=${join(clusterDir, 'offpeak.conf')}`];
  const done = await runAs(
    account,
    join(serverDir, 'bin', 'postgres'),
    [...args, '-c', 'exit_on_error=on', '-c', 'log_statement=none', 'template1'],
    { cwd: clusterDir, input: statements.map((statement) => `${statement}\n`).join('') },
  );
  if (!done.ok) throw cannotCreate(clusterDir, done);
}

async function writeOwned({ account, clusterDir }: Place, name: string, content: string): Promise<void> {
  const path = join(clusterDir, name);
  await writeFile(path, content, { mode: 0o600, flush: true });
  if (account.kind === 'user') await chown(path, account.uid, account.gid);
}

function cannotCreate(clusterDir: string, { stderr, error }: Finished): StartError {
  const said = error?.message ?? stderr;
  if (said.includes('No space left on device')) return diskFull(clusterDir, new Error(said));
  const reason = /(?:error|FATAL|PANIC|ERROR):\s*(.+)/.exec(said)?.[1] ?? said.trim().split('\n').at(-1);
  return new StartError(`The embedded PostgreSQL could not make its database in ${clusterDir}: ${reason}`, {
    cause: new Error(said),
  });
}
