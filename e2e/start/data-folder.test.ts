import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PRODUCT } from '@/e2e/process/ensure-build';
import { stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { runAs, unprivilegedUser } from '@/lib/server/postgres/account';
import { refusedStart } from './refused-start';
import '@/e2e/process/patience';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'offpeak-home-'));
  await chmod(home, 0o755);
});
afterAll(async () => {
  await stopEveryOffpeak();
  await rm(home, { recursive: true, force: true });
});

const isRoot = process.getuid?.() === 0;
const user = isRoot ? unprivilegedUser() : undefined;
/** Root may write everywhere: only another user shows what a folder refuses. */
const canReadProduct =
  user === undefined ||
  (
    await runAs({ kind: 'user', ...user }, process.execPath, [
      '-e',
      `require('fs').readdirSync('${PRODUCT}/node_modules')`,
    ])
  ).ok;

it.skipIf((isRoot && !user) || !canReadProduct)(
  'a folder that may not be written ends the start and names it',
  async () => {
    const dataDir = join(home, 'closed');
    await mkdir(dataDir);
    await chmod(dataDir, 0o555);
    const { code, stdout, sentences } = await refusedStart(
      {},
      { dataDir, ...(user && { uid: user.uid, gid: user.gid }) },
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(sentences).toEqual([
      `Offpeak cannot write to ${dataDir} (EACCES); make it writable for this user or set OFFPEAK_DATA_DIR.`,
    ]);
  },
);

it('a file in its place ends the start', async () => {
  const dataDir = join(home, 'file');
  await writeFile(dataDir, '');
  const { code, stdout, sentences } = await refusedStart({}, { dataDir });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(sentences).toEqual([
    `The data folder ${dataDir} is a file or lies below one; set OFFPEAK_DATA_DIR to a folder.`,
  ]);
});

it('damaged secrets end the start: no new ones are made behind the operator’s back', async () => {
  const dataDir = join(home, 'damaged');
  await mkdir(dataDir);
  await writeFile(join(dataDir, 'secrets.json'), '{"secretKey":');
  const { code, sentences } = await refusedStart({}, { dataDir });
  expect(code).toBe(1);
  expect(sentences).toEqual([expect.stringMatching(/secrets\.json is damaged; restore it/)]);
});
