import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@/lib/server/postgres/start-embedded-postgres';

/*
 * postgres.js 3.4.9 ends the process when the server dies at the wrong moment, lets a transaction whose session is gone
 * go on in the next one, and begins one where it may be on a connection that others go on using: what they write is
 * undone with it. patches/postgres+3.4.9.patch mends all three. Each case runs in a process of its own, with the driver
 * as it is installed, and fails there without the patch.
 */
let pg: EmbeddedPostgres;
let dataDir: string;
let restarted = () => {};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'offpeak-crash-'));
  pg = await startEmbeddedPostgres({ dataDir, onRestart: () => restarted() });
});

afterAll(async () => {
  await pg?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Ends the server the hard way; resolves when it accepts connections again. */
async function crash(): Promise<void> {
  const back = new Promise<void>((resolve) => {
    restarted = resolve;
  });
  process.kill(pg.pid()!, 'SIGKILL');
  await back;
}

const PRELUDE = `
  import postgres from 'postgres';
  const pool = (options) => postgres(process.argv[1], { max: 4, backoff: 0.05, ...options });
  const answer = () => new Promise((done) => process.once('message', done));
  const crash = () => { const back = answer(); process.send('crash'); return back; };
  const finish = (result) => process.send(result, () => process.exit(0));
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  const within = (ms, what, promise) => Promise.race([
    promise,
    sleep(ms).then(() => { throw new Error('still waiting: ' + what); }),
  ]);
  const failing = (promise) => promise.then(() => 'went through', (error) => error.code);
  const usable = async (sql) => {
    for (let tries = 0; ; tries++) {
      const all = Promise.allSettled(Array.from({ length: sql.options.max }, () => sql\`select pg_sleep(0.01)\`));
      const failed = (await within(5000, 'the pool', all)).find((one) => one.status === 'rejected');
      if (!failed) return;
      if (tries === 40) throw failed.reason;
      await sleep(50);
    }
  };
`;

/** Runs `body` in a process of its own against the server; resolves to what it said last and how it ended. */
async function run(body: string, mostMs = 25_000): Promise<{ code: number | null; said: unknown; stderr: string }> {
  const script = PRELUDE + body;
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script, pg.url], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let said: unknown;
  let stderr = '';
  child.stderr?.on('data', (text) => {
    stderr += text;
  });
  child.on('message', async (message) => {
    if (message !== 'crash') {
      said = message;
      return;
    }
    await crash();
    if (child.connected) child.send('back');
  });
  // One that hangs must not go on killing the server under the next try.
  const watchdog = setTimeout(() => child.kill('SIGKILL'), mostMs);
  const [code] = await once(child, 'close');
  clearTimeout(watchdog);
  return { code, said, stderr };
}

describe('postgres.js when the server dies', () => {
  it('survives twenty deaths inside transactions, and every connection comes back', async () => {
    const { code, said, stderr } = await run(
      `
      const sql = pool();
      const codes = new Set();
      for (let round = 0; round < 20; round++) {
        const open = Array.from({ length: 4 }, (_, i) => sql.begin(async (tx) => {
          await tx\`select \${i}::int\`;
          for (;;) await tx\`select pg_sleep(\${i / 100}), \${'x'.repeat(i * 400)}::text\`;
        }).catch((error) => codes.add(error.code)));
        await sleep(200);
        await crash();
        await within(5000, 'the transactions', Promise.all(open));
        await usable(sql);
      }
      await within(2000, 'end', sql.end());
      finish([...codes].every((code) => ['CONNECTION_CLOSED', 'ECONNRESET', 'EPIPE'].includes(code)) || [...codes]);
    `,
      230_000,
    );
    expect({ code, said, stderr }).toEqual({ code: 0, said: true, stderr: '' });
    // Twenty starts of a server, on whatever else the machine does.
  }, 240_000);

  it('refuses what a transaction does after its session ended, instead of doing it in the next one', async () => {
    const { code, said, stderr } = await run(`
      const sql = pool({ max: 1 });
      await sql\`create table if not exists escaped (at text)\`;
      let finished;
      const late = new Promise((resolve) => { finished = resolve; });
      const outcome = await failing(sql.begin(async (tx) => {
        await tx\`insert into escaped values ('inside')\`;
        await crash();
        await usable(sql);
        finished([
          await failing(tx\`insert into escaped values ('late')\`),
          await failing(tx.savepoint((sp) => sp\`insert into escaped values ('later')\`)),
        ]);
      }));
      const refused = await late;
      const rows = [...await sql\`select at from escaped\`];
      await within(2000, 'end', sql.end());
      finish({ outcome, refused, rows });
    `);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(said).toEqual({
      outcome: expect.stringMatching(/^(CONNECTION_CLOSED|ECONNRESET)$/),
      refused: ['CONNECTION_CLOSED', 'CONNECTION_CLOSED'],
      rows: [],
    });
  });

  it('refuses a reserved connection whose session ended, and gives its place back to the pool', async () => {
    const { code, said, stderr } = await run(`
      const sql = pool({ max: 1, fetch_types: false });
      const codes = [];
      for (let round = 0; round < 3; round++) {
        const reserved = await within(2000, 'reserve', sql.reserve());
        const flying = [1, 2, 3].map(() => failing(reserved\`select pg_sleep(60), \${round}::int\`));
        await sleep(50);
        await crash();
        codes.push(...await within(2000, 'flying', Promise.all(flying)), await failing(reserved\`select 1\`));
        reserved.release();
        await usable(sql);
      }
      await within(2000, 'end', sql.end());
      finish(codes.filter((code) => !['CONNECTION_CLOSED', 'ECONNRESET'].includes(code)));
    `);
    expect({ code, said, stderr }).toEqual({ code: 0, said: [], stderr: '' });
  });

  it('begins a transaction on a connection of its own, however many statements go before it', async () => {
    const { code, said, stderr } = await run(`
      const sql = pool({ max: 2, max_pipeline: 100 });
      await usable(sql);
      const codes = [];
      // One by one and all at once, so that some become the last that a connection takes before it is full.
      for (let round = 0; round < 40; round++) {
        const some = Array.from({ length: 190 + round }, (_, i) => failing(sql\`select \${i}::int, \${'x'.repeat(20 * round)}::text\`));
        some.push(failing(sql.begin((tx) => tx\`select 1\`)), failing(sql.begin((tx) => tx\`select 1\`)));
        codes.push(...await within(10_000, 'a round', Promise.all(some)));
      }
      const failed = codes.filter((code) => code !== 'went through');
      const open = [...await sql\`select pid from pg_stat_activity where state like 'idle in transaction%'\`];
      await within(2000, 'end', sql.end());
      finish({ failed, open });
    `);
    expect({ code, said, stderr }).toEqual({ code: 0, said: { failed: [], open: [] }, stderr: '' });
  });

  it('survives a death while connecting, copying and cancelling', async () => {
    const { code, said, stderr } = await run(`
      await pool({ max: 1 })\`create table if not exists copied (line text)\`;
      for (let round = 0; round < 5; round++) {
        const sql = pool();
        const copy = await within(5000, 'copy in', sql\`copy copied from stdin\`.writable());
        const broken = new Promise((resolve) => copy.on('error', resolve));
        copy.write('line\\n');
        const out = await within(5000, 'copy out', sql\`copy (select repeat('x', 1000) from generate_series(1, 100000)) to stdout\`.readable());
        out.on('error', () => {});
        out.once('data', () => out.pause());
        const asleep = sql\`select pg_sleep(60)\`;
        const fell = failing(asleep);
        await sleep(30);
        const crashing = crash();
        const dialing = Array.from({ length: 200 }, async (_, i) => {
          await sleep(i / 4);
          const other = pool({ max: 1 });
          await failing(other\`select 1\`);
          await within(2000, 'end of another', other.end());
        });
        await sleep(5);
        asleep.cancel();
        out.resume();
        copy.write('more\\n');
        await within(5000, 'the copy', broken);
        await within(5000, 'the query', fell);
        await within(5000, 'the dialing', Promise.all(dialing));
        await within(5000, 'the server', crashing);
        await usable(sql);
        await within(2000, 'end', sql.end());
      }
      finish('alive');
    `);
    expect({ code, said, stderr }).toEqual({ code: 0, said: 'alive', stderr: '' });
  });
});
