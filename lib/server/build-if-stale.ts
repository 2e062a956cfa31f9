import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bareEnv } from '@/lib/env';
import { lockPath } from './postgres/lock-data-dir';
import { StartError } from './start-error';

const SOURCES = ['app', 'lib', 'next.config.ts', 'package.json', 'package-lock.json', 'tsconfig.json'];
const STAMP = 'offpeak-sources';
/** The server in one file, beside Next's build and made with it; the thread of backtests is in another. */
export const SERVER_BUNDLE = '.next/offpeak-server.mjs';

/** Builds pages and server unless `.next` is a build of exactly these sources. Answers whether it built. */
export async function buildIfStale(root: string, say: (line: string) => void): Promise<boolean> {
  const stamp = join(root, '.next', STAMP);
  const fingerprint = await fingerprintOf(root);
  if ((await readStamp(stamp)) === fingerprint) return false;
  const lock = await lockPath(
    join(root, '.next.lock'),
    (pid) => `Another Offpeak (process ${pid}) is building; start again when it is done.`,
  );
  try {
    say('Building; this happens once per version.');
    await rm(stamp, { force: true });
    await runNextBuild(root);
    await bundleServer(root);
    await writeFile(stamp, fingerprint);
    return true;
  } finally {
    lock.release();
  }
}

async function readStamp(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}

function runNextBuild(root: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const bin = join(root, 'node_modules', 'next', 'dist', 'bin', 'next');
    // Its report goes to stderr: stdout belongs to the start's own lines.
    const child = spawn(process.execPath, [bin, 'build'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      env: { ...bareEnv(), NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    });
    child.once('error', (cause) => reject(new StartError('The build could not be started.', { cause })));
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new StartError(`The build failed (exit code ${code}); its report is above.`));
    });
  });
}

async function bundleServer(root: string): Promise<void> {
  await build({
    entryPoints: {
      'offpeak-server': join(root, 'lib/server/serve.ts'),
      'offpeak-backtest': join(root, 'lib/server/backtest/backtest-worker.ts'),
    },
    outdir: join(root, '.next'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    alias: { '@': root },
    logLevel: 'error',
  });
}

/** SHA-256 over names and contents of everything that the build is made of. */
async function fingerprintOf(root: string): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const path of await filesBelow(root, source)) {
      hash.update(`${path}\0`).update(await readFile(join(root, path)));
    }
  }
  return hash.digest('hex');
}

async function filesBelow(root: string, path: string): Promise<string[]> {
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch(() => null);
  if (!entries) return [path];
  const nested = await Promise.all(
    entries
      .filter((entry) => !entry.name.includes('.test.'))
      .map((entry) => (entry.isDirectory() ? filesBelow(root, join(path, entry.name)) : [join(path, entry.name)])),
  );
  return nested.flat().sort();
}
