import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isStartError } from '@/lib/server/start-error';
import { runAs, unprivilegedUser } from './account';
import { goneWithin, processIdentity } from './process-identity';
import { locateServerFiles } from './server-files';
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './start-embedded-postgres';

const repo = fileURLToPath(new URL('../../..', import.meta.url));
const root = process.getuid?.() === 0;
const user = unprivilegedUser();
const asUser = user && { uid: user.uid, gid: user.gid };
/** Whether another user can run node on these sources, to be the normal user of a case. */
const canBecomeUser =
  root &&
  asUser !== undefined &&
  (
    await runAs({ kind: 'user', ...asUser }, process.execPath, [
      '-e',
      `require('fs').readdirSync(${JSON.stringify(repo)})`,
    ])
  ).ok;

let home: string;
const running = new Set<EmbeddedPostgres>();
const lines: string[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'offpeak-start-'));
  await chmod(home, 0o755);
});
afterEach(async () => {
  for (const pg of running) await pg.stop();
  running.clear();
  lines.length = 0;
});
afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

async function folder(name: string, mode = 0o700): Promise<string> {
  const dir = join(home, name);
  await mkdir(dir);
  await chmod(dir, mode);
  return dir;
}

async function start(dataDir: string, options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const pg = await startEmbeddedPostgres({ dataDir, log: (line) => lines.push(line), ...options });
  running.add(pg);
  return pg;
}

async function ask(url: string, text: string): Promise<unknown> {
  const sql = postgres(url, { max: 1, fetch_types: false });
  try {
    return (await sql.unsafe(text)).map((row) => Object.values(row)[0])[0];
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const recall = ({ url }: { url: string }) => ask(url, 'select it from kept');
async function remember({ url }: { url: string }): Promise<unknown> {
  await ask(url, 'create table kept as select 42 as it');
  return recall({ url });
}
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no failure',
    (error) => (isStartError(error) ? error.message : `not a StartError: ${error?.stack}`),
  );

/** A start in a process of its own, for another user's or to be killed; it says its url or its sentence. */
function child(dataDir: string, options: { native?: string } = {}, as: { uid?: number; gid?: number } = {}) {
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(join(repo, 'lib/server/postgres/start-embedded-postgres.ts'))});
    process.on('message', async () => { await pg.stop(); process.exit(0); });
    const pg = await startEmbeddedPostgres(${JSON.stringify({ dataDir, ...options })}).catch((error) => {
      process.send({ said: error[Symbol.for('offpeak.start-error')] ? error.message : error.stack });
    });
    if (pg) process.send({ said: pg.url, pid: pg.pid() });
    else process.disconnect();
  `;
  const node = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: repo,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, TMPDIR: tmpdir(), TSX_DISABLE_CACHE: '1' },
    ...as,
  });
  const answer = once(node, 'message').then(([message]) => message as { said: string; pid: number });
  return { node, answer };
}

async function end(node: ChildProcess, how: 'stop' | 'SIGKILL'): Promise<void> {
  const ended = once(node, 'exit');
  if (how === 'stop') node.send('stop');
  else node.kill(how);
  await ended;
}

async function childrenOf(parent: ChildProcess, name: string): Promise<number[]> {
  const { stdout } = await runAs({ kind: 'self' }, 'ps', ['-axo', 'pid=,ppid=,comm=']);
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, ppid, comm = '']) => Number(ppid) === parent.pid && comm.endsWith(name))
    .map(([pid]) => Number(pid));
}

describe('who starts it, and where', () => {
  it('starts, and starts again with the same data, port and password in well under 2 s', async () => {
    const dataDir = join(home, 'plain', '.offpeak');
    const first = await start(dataDir);
    expect(first.url).toMatch(/^postgres:\/\/offpeak:[\w-]{32}@127\.0\.0\.1:\d+\/offpeak$/);
    expect(first.location).toBe(join(dataDir, 'postgres'));
    expect(await remember(first)).toBe(42);
    expect(await ask(first.url, 'show server_version')).toMatch(/^18/);
    expect(
      await ask(
        first.url,
        "select string_agg(name || '=' || setting, ' ' order by name) from pg_settings where name in ('fsync', 'jit', 'listen_addresses', 'max_connections', 'password_encryption', 'synchronous_commit', 'TimeZone', 'unix_socket_directories', 'server_encoding')",
      ),
    ).toBe(
      'TimeZone=UTC fsync=on jit=off listen_addresses=127.0.0.1 max_connections=150 password_encryption=scram-sha-256 server_encoding=UTF8 synchronous_commit=on unix_socket_directories=',
    );
    expect(await ask(first.url, 'select usesuper from pg_user where usename = current_user')).toBe(false);
    await expect(ask(first.url.replace(/:[\w-]{32}@/, ':wrong@'), 'select 1')).rejects.toThrow(
      /password authentication/,
    );
    expect((await stat(join(dataDir, 'postgres.json'))).mode & 0o777).toBe(0o600);
    await first.stop();
    await first.stop();

    const before = performance.now();
    const second = await start(dataDir);
    const tookMs = Math.round(performance.now() - before);
    console.error(`second start: ${tookMs} ms`);
    expect(tookMs).toBeLessThan(2_000);
    expect(second.url).toBe(first.url);
    expect(await recall(second)).toBe(42);
    expect(lines).toEqual([]);
  });

  it('starts below a home that nobody else may enter', async () => {
    const closed = await folder('closed');
    const pg = await start(join(closed, '.offpeak'));
    expect(await remember(pg)).toBe(42);
    expect(pg.location).toBe(join(closed, '.offpeak', 'postgres'));
  });

  it.runIf(root && user)('as root without user namespaces becomes another user', async () => {
    const dataDir = await folder('refused');
    const pg = await start(dataDir, { userNamespaces: false });
    expect(await remember(pg)).toBe(42);
    expect(pg.location).toBe(join(dataDir, 'postgres'));
    expect((await stat(pg.location)).uid).toBe(user?.uid);
    await pg.stop();
    // What that user owns stays that user's, also where namespaces are allowed later.
    expect(await recall(await start(dataDir))).toBe(42);
  });

  it.runIf(root && user)('as root without user namespaces below a closed home moves out and says where', async () => {
    const dataDir = join(await folder('refused-closed'), '.offpeak');
    const pg = await start(dataDir, { userNamespaces: false });
    try {
      expect(pg.location).toMatch(/^\/var\/(lib|tmp)\/offpeak-[0-9a-f]{16}\/postgres$/);
      expect(lines).toEqual([expect.stringContaining(`the database lies in ${pg.location}`)]);
      expect(await remember(pg)).toBe(42);
      await pg.stop();
      expect((await start(dataDir)).location).toBe(pg.location);
    } finally {
      await pg.stop();
      for (const one of running) await one.stop();
      await rm(join(pg.location, '..'), { recursive: true, force: true });
    }
  });

  it.runIf(canBecomeUser)('starts as a normal user, and as root on that user’s data', async () => {
    const dataDir = await folder('normal');
    await chown(dataDir, asUser!.uid, asUser!.gid);
    const { node, answer } = child(dataDir, {}, asUser);
    const { said } = await answer;
    expect(await remember({ url: said })).toBe(42);
    await end(node, 'stop');

    const asRoot = await start(dataDir);
    expect(asRoot.url).toBe(said);
    expect(await recall(asRoot)).toBe(42);
    await asRoot.stop();
    expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres.json', 'postgres.log']);
    for (const name of await readdir(dataDir)) expect((await stat(join(dataDir, name))).uid).toBe(asUser!.uid);

    const again = child(dataDir, {}, asUser);
    expect((await again.answer).said).toBe(said);
    await end(again.node, 'stop');
  });

  it.runIf(canBecomeUser)('starts as a user without a name, as containers have them', async () => {
    const dataDir = await folder('nameless');
    await chown(dataDir, 54_321, 54_321);
    const { node, answer } = child(dataDir, {}, { uid: 54_321, gid: 54_321 });
    const { said } = await answer;
    // Where user namespaces are refused to ordinary users, the sentence says what to do.
    if (!said.startsWith('postgres:')) return expect(said).toMatch(/needs a user name for user id 54321; add one/);
    expect(await remember({ url: said })).toBe(42);
    await end(node, 'stop');
  });
});

describe('what was left behind', () => {
  it('ends with a parent that was killed', async () => {
    const { node, answer } = child(await folder('orphan'));
    const { pid } = await answer;
    await end(node, 'SIGKILL');
    expect(await goneWithin(pid, 5_000)).toBe(true);
  });

  it('is stopped by the next start if it did not, with the same data', async () => {
    const dataDir = await folder('killed');
    const { node, answer } = child(dataDir);
    const { said, pid } = await answer;
    await remember({ url: said });
    for (const guard of await childrenOf(node, 'sh')) process.kill(guard, 'SIGKILL');
    await end(node, 'SIGKILL');
    expect(processIdentity(pid)).toBeDefined();
    const pg = await start(dataDir);
    expect(pg.url).toBe(said);
    expect(await recall(pg)).toBe(42);
    expect(processIdentity(pid)).toBeUndefined();
    expect(lines).toEqual([`Stopped the PostgreSQL (process ${pid}) that an earlier Offpeak left running.`]);
  });

  it('makes a cluster again whose making was killed', async () => {
    const dataDir = await folder('half-made');
    const { node, answer } = child(dataDir);
    answer.catch(() => {});
    const made = join(dataDir, 'postgres', 'PG_VERSION');
    while (!(await stat(made).catch(() => undefined))) await new Promise((done) => setTimeout(done, 2));
    await end(node, 'SIGKILL');
    expect(await readdir(join(dataDir, 'postgres'))).not.toContain('offpeak-cluster');
    expect(await remember(await start(dataDir))).toBe(42);
  });

  it('is not held up by a pid file whose pid is somebody else’s, nor by a lost password', async () => {
    const dataDir = await folder('stale');
    const first = await start(dataDir);
    await remember(first);
    await first.stop();
    await writeFile(
      join(first.location, 'postmaster.pid'),
      `${process.ppid}\n${first.location}\n1\n${first.port}\n\n\n\nready\n`,
    );
    await rm(join(dataDir, 'postgres.json'));
    const second = await start(dataDir);
    expect(second.url).not.toBe(first.url);
    expect(await recall(second)).toBe(42);
  });

  it('takes another port when its own is taken', async () => {
    const dataDir = await folder('port');
    const first = await start(dataDir);
    await first.stop();
    const other = createServer().listen(first.port, '127.0.0.1');
    await once(other, 'listening');
    const second = await start(dataDir);
    expect(second.port).not.toBe(first.port);
    expect(await ask(second.url, 'select 1')).toBe(1);
    other.close();
  });

  it('lets one of two starts through; the other says who is in', async () => {
    const dataDir = await folder('twice');
    const both = await Promise.all([failure(start(dataDir)), failure(start(dataDir))]);
    expect(both.sort()).toEqual([
      expect.stringMatching(`^The database in .* is in use by process ${process.pid};`),
      'no failure',
    ]);
  });
});

describe('while it runs', () => {
  it('starts again within 5 s of a kill -9, also when a backend is frozen, and stops for good', async () => {
    const dataDir = await folder('dies');
    const restarts: { cause: string; downMs: number }[] = [];
    let next = () => {};
    const pg = await start(dataDir, {
      onRestart: (restart) => {
        restarts.push(restart);
        next();
      },
    });
    await remember(pg);
    for (const frozen of [false, true]) {
      const back = new Promise<void>((done) => {
        next = done;
      });
      const backend = Number(await ask(pg.url, "select pid from pg_stat_activity where backend_type = 'checkpointer'"));
      if (frozen) process.kill(backend, 'SIGSTOP');
      process.kill(pg.pid()!, 'SIGKILL');
      await back;
      expect(await recall(pg)).toBe(42);
    }
    console.error(`down: ${restarts.map((one) => `${Math.round(one.downMs)} ms`).join(', ')}`);
    for (const { cause, downMs } of restarts) {
      expect(cause).toBe('signal SIGKILL');
      expect(downMs).toBeLessThan(5_000);
    }
    // Stopped in the middle of a restart: nothing may come up afterwards.
    process.kill(pg.pid()!, 'SIGKILL');
    await new Promise((done) => setTimeout(done, 10));
    await pg.stop();
    expect(pg.pid()).toBeUndefined();
    expect(await readdir(dataDir)).toEqual(['postgres', 'postgres.json', 'postgres.log']);
    await expect(ask(pg.url, 'select 1')).rejects.toThrow(/ECONNREFUSED/);
  });

  it('outlives a signal to the process group of its parent', async () => {
    const dataDir = await folder('group');
    const pg = await start(dataDir);
    const group = (await readFile(`/proc/${pg.pid()}/stat`, 'utf8').catch(() => '')).split(' ')[4];
    if (process.platform === 'linux') expect(Number(group)).toBe(pg.pid());
  });
});

describe('what it refuses, in one sentence', () => {
  it('a data folder that is a file, or below one', async () => {
    const file = join(home, 'a-file');
    await writeFile(file, '');
    expect(await failure(start(file))).toBe(
      `The data folder ${file} is a file or lies below one; set OFFPEAK_DATA_DIR to a folder.`,
    );
    expect(await failure(start(join(file, 'below')))).toMatch(/^The data folder .* is a file or lies below one/);
  });

  it.runIf(canBecomeUser)('a data folder that it cannot write to', async () => {
    const dataDir = await folder('not-mine', 0o755);
    const { answer } = child(dataDir, {}, asUser);
    expect((await answer).said).toBe(
      `Offpeak cannot write to ${dataDir} (EACCES); make it writable for this user or set OFFPEAK_DATA_DIR.`,
    );
  });

  it('a disk that is full', async () => {
    const dataDir = await folder('small');
    const mounted = await runAs({ kind: 'self' }, 'mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', dataDir]);
    if (!mounted.ok) return;
    try {
      expect(await failure(start(dataDir))).toBe(
        `The disk that holds ${join(dataDir, 'postgres')} is full; free some space or set OFFPEAK_DATA_DIR.`,
      );
    } finally {
      await runAs({ kind: 'self' }, 'umount', [dataDir]);
    }
  });

  it('a cluster of another major version', async () => {
    const dataDir = await folder('old');
    const pg = await start(dataDir);
    await pg.stop();
    await writeFile(join(pg.location, 'PG_VERSION'), '17\n');
    expect(await failure(start(dataDir))).toMatch(
      /was made by PostgreSQL 17 and this Offpeak brings 18; run `npm run db -- export FILE`/,
    );
  });

  it('a system on which the binaries do not run', async () => {
    const native = await folder('foreign', 0o755);
    await mkdir(join(native, 'bin'));
    await writeFile(join(native, 'bin', 'postgres'), '#!/lib/ld-not-here.so.1\n', { mode: 0o755 });
    expect(await failure(start(await folder('foreign-data'), { native }))).toMatch(
      /^The embedded PostgreSQL does not run on this system, it needs glibc \(.*\); set DATABASE_URL to a PostgreSQL 15 or newer\.$/,
    );
  });
});

describe('library links that npm did not make', () => {
  async function withoutLinks(name: string): Promise<string> {
    const from = locateServerFiles();
    const native = join(await folder(name, 0o755), 'native');
    const linked = new Set<string>(
      JSON.parse(await readFile(join(from, 'pg-symlinks.json'), 'utf8')).map((link: { target: string }) =>
        join(from, '..', link.target),
      ),
    );
    await cp(from, native, { recursive: true, filter: (file) => !linked.has(file) && !file.endsWith('.a') });
    return native;
  }

  it('are made in place', async () => {
    const native = await withoutLinks('unlinked');
    const dataDir = await folder('unlinked-data');
    expect(await ask((await start(dataDir, { native })).url, 'select 1')).toBe(1);
    expect(await readdir(dataDir)).not.toContain('postgres-server');
  });

  it.runIf(canBecomeUser)('are made in a copy where node_modules is somebody else’s', async () => {
    const native = await withoutLinks('read-only');
    const dataDir = await folder('read-only-data');
    await chown(dataDir, asUser!.uid, asUser!.gid);
    for (let round = 0; round < 2; round++) {
      const { node, answer } = child(dataDir, { native }, asUser);
      expect(await ask((await answer).said, 'select 1')).toBe(1);
      expect(await readdir(dataDir)).toContain('postgres-server');
      await end(node, 'stop');
    }
  });
});
