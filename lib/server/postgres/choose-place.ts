import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, lstat, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StartError } from '@/lib/server/start-error';
import { type Account, passwdEntries, runAs, unprivilegedUser } from './account';
import { runnableServer } from './server-files';

/** Where the cluster lies, who runs it, and from which server files. */
export interface Place {
  account: Account;
  clusterDir: string;
  serverDir: string;
  /** Of the server, such as `18.4`. */
  version: string;
}

/** For a root whose data folder no other user can reach; /var/tmp only where /var/lib cannot be written. */
const REACHABLE_ROOTS = ['/var/lib', '/var/tmp'];

interface Candidate {
  account: Account;
  clusterDir: string;
}

/**
 * The first place where the server can run: the cluster's own if there is one already, else below the data folder, else
 * (root without user namespaces, below a folder that no other user may enter) a folder of its own in /var.
 * Makes the cluster's folder, empty, and gives it to the server's user.
 * @throws StartError when there is none.
 */
export async function choosePlace(options: {
  dataDir: string;
  /** The cluster's folder as the last start wrote it down. */
  lastLocation: string | undefined;
  native: string;
  /** Whether to try user namespaces. */
  userNamespaces: boolean;
  log: (line: string) => void;
}): Promise<Place> {
  const { dataDir, native, log } = options;
  for (const candidate of await candidates(options)) {
    const { account, clusterDir } = candidate;
    const parent = dirname(clusterDir);
    const away = parent !== dataDir;
    if (away) await makeReachable(parent);
    if (!(await canEnter(account, parent, dataDir))) continue;
    const server = await runnableServer(native, account, join(parent, 'postgres-server'));
    await mkdir(clusterDir, { recursive: true, mode: 0o700 });
    await giveTo(account, clusterDir);
    if (away)
      log(`No other user can enter ${dataDir} and root may not run PostgreSQL: the database lies in ${clusterDir}.`);
    return { ...candidate, ...server };
  }
  throw new StartError(
    process.getuid?.() === 0
      ? `PostgreSQL refuses to run as root and no other user can run it in ${dataDir}; start Offpeak as an ordinary user or set DATABASE_URL.`
      : `The embedded PostgreSQL needs a user name for user id ${process.getuid?.()}; add one to /etc/passwd or set DATABASE_URL.`,
  );
}

async function candidates(options: {
  dataDir: string;
  lastLocation: string | undefined;
  userNamespaces: boolean;
}): Promise<Candidate[]> {
  const here = join(options.dataDir, 'postgres');
  const away = join(await reachableRoot(), `offpeak-${await nameOf(options.dataDir)}`, 'postgres');
  const named = new Set(passwdEntries().map((entry) => entry.uid));
  const namespaced = (clusterDir: string): Candidate[] => {
    const uid = unprivilegedUser()?.uid;
    return options.userNamespaces && uid !== undefined ? [{ account: { kind: 'namespace', uid }, clusterDir }] : [];
  };

  const uid = process.getuid?.() ?? -1;
  if (uid !== 0) {
    await refuseOthersCluster(here, uid);
    if (process.platform !== 'linux' || named.has(uid)) return [{ account: { kind: 'self' }, clusterDir: here }];
    return namespaced(here);
  }

  const other = unprivilegedUser();
  const asOther = (clusterDir: string): Candidate[] =>
    other ? [{ account: { kind: 'user', uid: other.uid, gid: other.gid }, clusterDir }] : [];
  const existing = [here, options.lastLocation, away].find((dir) => dir && existsSync(join(dir, 'PG_VERSION')));
  // Who owns the files of a cluster, or the folder of a new one, keeps them: that user may start Offpeak next time.
  const owner = await stat(existing ?? options.dataDir);
  if (owner.uid !== 0 && named.has(owner.uid)) {
    const account: Account = { kind: 'user', uid: owner.uid, gid: owner.gid };
    if (existing) return [{ account, clusterDir: existing }];
    return [{ account, clusterDir: here }, ...namespaced(here), ...asOther(here), ...asOther(away)];
  }
  if (existing) return [...namespaced(existing), ...asOther(existing)];
  return [...namespaced(here), ...asOther(here), ...asOther(away)];
}

async function refuseOthersCluster(clusterDir: string, uid: number): Promise<void> {
  const owner = await stat(clusterDir).catch(() => undefined);
  if (owner && owner.uid !== uid) {
    throw new StartError(
      `The database in ${clusterDir} belongs to user id ${owner.uid} and this is ${uid}; start Offpeak as its owner or set OFFPEAK_DATA_DIR.`,
    );
  }
}

async function canEnter(account: Account, parent: string, dataDir: string): Promise<boolean> {
  if (account.kind === 'self') return true;
  const enters = async () => (await runAs(account, '/bin/sh', ['-c', 'test -x "$1"', 'sh', parent])).ok;
  if (await enters()) return true;
  // Passing through a folder shows nothing of it: ours may be opened that far, if nothing above it is in the way.
  const { uid, mode } = await stat(dataDir);
  if (account.kind !== 'user' || parent !== dataDir || uid !== 0 || (mode & 0o001) !== 0) return false;
  await chmod(dataDir, (mode & 0o777) | 0o011);
  if (await enters()) return true;
  await chmod(dataDir, mode & 0o777);
  return false;
}

/** Files below `dir` belong to the account from here on; only root changes owners. */
async function giveTo(account: Account, dir: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = account.kind === 'user' ? account : { uid: 0, gid: 0 };
  if ((await stat(dir)).uid === uid) return;
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await giveTo(account, path);
    else if (!entry.isSymbolicLink()) await chown(path, uid, gid);
  }
  // The folder last: where this was cut short, its old owner makes the next start do it again.
  await chown(dir, uid, gid);
}

async function nameOf(dataDir: string): Promise<string> {
  return createHash('sha256')
    .update(await realpath(dataDir))
    .digest('hex')
    .slice(0, 16);
}

async function reachableRoot(): Promise<string> {
  for (const root of REACHABLE_ROOTS) {
    if (existsSync(root)) return root;
  }
  return '/tmp';
}

/** In a folder where everyone may write, the name could be somebody's trap. */
async function makeReachable(dir: string): Promise<void> {
  await mkdir(dir, { mode: 0o755 }).catch(() => {});
  const found = await lstat(dir).catch(() => undefined);
  if (!found?.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) {
    throw new StartError(
      `Offpeak cannot keep its database in ${dir}: it must be a folder that only root can write to.`,
    );
  }
}
