import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isStartError } from '@/lib/server/start-error';
import { lockDataDir } from './lock-data-dir';
import { processIdentity } from './process-identity';

const repo = fileURLToPath(new URL('../../..', import.meta.url));
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'offpeak-lock-'));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

async function leaveLock(pid: number, identity: string): Promise<void> {
  await mkdir(join(dataDir, 'lock'));
  await writeFile(join(dataDir, 'lock', `${pid}.${identity}.0000`), '');
}

it('lets one in, names it to the others, and lets the next in afterwards', async () => {
  const held = await lockDataDir(dataDir);
  const refused = await lockDataDir(dataDir).catch((error) => error);
  expect(isStartError(refused)).toBe(true);
  expect(refused.message).toBe(
    `The data folder ${dataDir} is in use by another Offpeak (process ${process.pid}); stop it or set OFFPEAK_DATA_DIR.`,
  );
  held.release();
  held.release();
  expect(await readdir(dataDir)).toEqual([]);
  (await lockDataDir(dataDir)).release();
});

it('makes the folder that is missing', async () => {
  (await lockDataDir(join(dataDir, 'a', 'b'))).release();
  expect(await readdir(join(dataDir, 'a', 'b'))).toEqual([]);
});

it.each([
  ['a process that ended', 2 ** 22 + 1, 'whatever'],
  ['a pid that somebody else has by now', process.ppid, 'an-earlier-start'],
  ['the same process started over, as pid 1 of a container', process.pid, 'an-earlier-start'],
])('is not held by %s', async (_, pid, identity) => {
  await leaveLock(pid, identity);
  (await lockDataDir(dataDir)).release();
});

it('is held by a process that lives', async () => {
  await leaveLock(process.ppid, processIdentity(process.ppid)!);
  await expect(lockDataDir(dataDir)).rejects.toThrow(`(process ${process.ppid})`);
});

it('releases only what it holds', async () => {
  const held = await lockDataDir(dataDir);
  await rm(join(dataDir, 'lock'), { recursive: true });
  await leaveLock(process.ppid, processIdentity(process.ppid)!);
  held.release();
  expect(await readdir(join(dataDir, 'lock'))).toHaveLength(1);
});

it('lets one of many in at once, over the lock of a dead one', async () => {
  for (let round = 0; round < 20; round++) {
    await leaveLock(2 ** 22 + 1, 'whatever');
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => lockDataDir(dataDir)));
    const held = all.filter((one) => one.status === 'fulfilled');
    expect(held).toHaveLength(1);
    held[0]?.value.release();
  }
});

it('lets one process of several in at once', async () => {
  await leaveLock(2 ** 22 + 1, 'whatever');
  const script = `
    const { lockDataDir } = await import(${JSON.stringify(join(repo, 'lib/server/postgres/lock-data-dir.ts'))});
    process.once('message', async () => {
      const said = await lockDataDir(${JSON.stringify(dataDir)}).then(() => 'in', () => 'out');
      process.send(said);
      process.once('message', () => process.exit(0));
    });
    process.send('ready');
  `;
  const nodes = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: repo,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  );
  await Promise.all(nodes.map((node) => once(node, 'message')));
  const said = nodes.map((node) => once(node, 'message').then(([word]) => word));
  for (const node of nodes) node.send('go');
  expect((await Promise.all(said)).sort()).toEqual(['in', 'out', 'out', 'out']);
  for (const node of nodes) node.send('end');
  await Promise.all(nodes.map((node) => once(node, 'exit')));
  // The one that was in ended without a word.
  (await lockDataDir(dataDir)).release();
});
