import { writeSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openLogFile } from './log-file';

it('keeps what one run wrote, moves away what grew too long, and tells what is new', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'offpeak-log-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const path = join(dir, 'postgres.log');

  const first = openLogFile(path);
  writeSync(first.fd, 'old\n');
  first.mark();
  writeSync(first.fd, 'new\n');
  expect(first.sinceMark()).toBe('new\n');
  first.close();

  const second = openLogFile(path);
  expect((await stat(path)).size).toBe(8);
  second.close();

  await writeFile(path, 'x'.repeat(6_000_000));
  const third = openLogFile(path);
  expect((await stat(path)).size).toBe(0);
  expect((await stat(`${path}.1`)).size).toBe(6_000_000);
  expect((await stat(`${path}.1`)).mode & 0o777).toBe(0o600);
  third.close();
});
