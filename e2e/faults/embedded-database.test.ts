import { readFile } from 'node:fs/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postmasterPid } from '@/e2e/process/end-orphan-postgres';
import { Load } from '@/e2e/process/load';
import { type Offpeak, startOffpeak, stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';
import '@/e2e/process/patience';

let api: Simulator;
let offpeak: Offpeak;
beforeAll(async () => {
  api = await startSimulator({ sync: { instant: true }, recordedRequests: 100_000 });
  offpeak = await startOffpeak({ env: { OFFPEAK_UPSTREAM_URL: api.url, ANTHROPIC_API_KEY: 'sim-key' } });
});
afterAll(async () => {
  await stopEveryOffpeak();
  await api?.close();
});

const body = (call: number) =>
  JSON.stringify({
    model: 'claude-haiku-5-5',
    max_tokens: 20,
    stream: call % 2 === 0,
    messages: [{ role: 'user', content: 'hi' }],
  });

const isReady = async () => (await fetch(`${offpeak.origin}/readyz?strict=1`)).ok;

describe('the embedded database is killed under load, again and again', () => {
  it('and no caller hears of it, no row is lost, none doubled, and it comes back by itself', async () => {
    const load = new Load({ origin: () => offpeak.origin, key: offpeak.apiKey, concurrency: 10, body });
    const unknown = new Set<number>();
    for (let kills = 0; kills < 6; kills++) {
      const pid = await waitFor('the database to run', () => postmasterPid(offpeak.dataDir));
      const before = load.done.length;
      process.kill(pid, kills % 2 === 0 ? 'SIGKILL' : 'SIGQUIT');
      const stranger = await fetch(`${offpeak.origin}/v1/models`, {
        headers: { 'x-api-key': `opk_unknown-unknown-unknown-${kills}`, 'anthropic-version': '2026-10-21' },
      });
      await stranger.arrayBuffer();
      unknown.add(stranger.status);
      await waitFor('another server', async () => {
        const now = await postmasterPid(offpeak.dataDir);
        return now !== null && now !== pid;
      });
      await waitFor('calls meanwhile', () => load.done.length >= before + 20);
    }
    const called = await load.stop();
    expect(called.filter((one) => one.status !== 200 || !one.whole)).toEqual([]);
    expect([...unknown].filter((status) => status !== 401 && status !== 529)).toEqual([]);

    await waitFor('the database to be back', isReady);
    await waitFor('the log to be complete', async () => (await offpeak.api.status()).spool.pending === 0);
    const rows = await offpeak.api.requests('endpoint=messages');
    const logged = rows.map((row) => Number(row.tags.call)).sort((a, b) => a - b);
    expect(logged).toEqual(called.map((one) => one.call).sort((a, b) => a - b));
    expect(new Set(rows.map((row) => row.state))).toEqual(new Set(['succeeded']));
    expect(await offpeak.api.metric('offpeak_spool_dropped_total{reason="full"}')).toBe(0);
  });

  it('one frozen backend costs its own connection and nothing else', async () => {
    const { databaseUrl } = JSON.parse(await readFile(`${offpeak.dataDir}/running.json`, 'utf8')) as {
      databaseUrl: string;
    };
    const sql = postgres(databaseUrl, { max: 1 });
    const [backend] = await sql<{ pid: number }[]>`
      select pid from pg_stat_activity where application_name = 'offpeak-hot' order by backend_start limit 1`;
    await sql.end();
    const pid = backend?.pid ?? 0;
    expect(pid).toBeGreaterThan(1);
    process.kill(pid, 'SIGSTOP');
    try {
      const load = new Load({ origin: () => offpeak.origin, key: offpeak.apiKey, concurrency: 4, body });
      await waitFor('calls', () => load.done.length >= 40);
      const called = await load.stop();
      expect(called.filter((one) => one.status !== 200 || !one.whole)).toEqual([]);
      await waitFor('their rows', async () => (await offpeak.api.status()).spool.pending === 0);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});
