import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ask, type LaneFleet, startLaneFleet } from '@/e2e/lane/lane-fleet';
import { waitFor } from '@/e2e/process/wait-for';
import { migrate } from '@/lib/store/migrate';
import '@/e2e/process/patience';

let fleet: LaneFleet;
beforeEach(async () => {
  fleet = await startLaneFleet();
  await fleet.publish({ default: { lane: 'batch', window: '0ms', deadline: '1h' } });
});
afterEach(() => fleet?.close());

/** One call of each lane, at once. */
async function callBoth(word: string) {
  const client = fleet.client();
  const begun = performance.now();
  const headers = { 'x-offpeak-lane': 'sync' };
  const sync = client.messages.create(ask(word), { headers }).withResponse();
  const batch = client.messages.create(ask(word)).withResponse();
  const answers = await Promise.all([sync, batch]);
  return {
    lanes: answers.map(({ response }) => response.headers.get('x-offpeak-lane')),
    ms: performance.now() - begun,
  };
}

/** Upstream ends every batch as soon as it is there. */
function endAll(): () => void {
  const timer = setInterval(() => fleet.finishAll(), 20);
  return () => clearInterval(timer);
}

it('fifty slow charts take the dashboard’s connections, and callers of neither lane notice', async () => {
  const { analytics } = fleet.gateway.deps.pools;
  const stop = endAll();
  const charts = Array.from({ length: 50 }, () => analytics`select pg_sleep(4)`.execute());
  const over = Promise.allSettled(charts);
  try {
    await waitFor('every connection of the dashboard to be taken', async () => {
      const [row] = await fleet.gateway.database.pools.hot<{ n: number }[]>`
        select count(*)::int as n from pg_stat_activity
        where datname = current_database() and application_name = 'offpeak-analytics' and query like '%pg_sleep%'`;
      return (row?.n ?? 0) >= 6;
    });
    const calls = await Promise.all(Array.from({ length: 20 }, (_, i) => callBoth(`chart ${i}`)));
    expect(calls.map(({ lanes }) => lanes)).toEqual(calls.map(() => ['sync', 'batch']));
    // They are all over before the first chart is.
    expect(Math.max(...calls.map(({ ms }) => ms))).toBeLessThan(4_000);
  } finally {
    stop();
    for (const chart of charts) chart.cancel();
    await over;
  }
});

it('a migration under load waits for its lock in short turns, and no call fails meanwhile', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offpeak-migrations-'));
  await cp('drizzle', folder, { recursive: true });
  const journalPath = join(folder, 'meta', '_journal.json');
  const journal = JSON.parse(await readFile(journalPath, 'utf8')) as { entries: { idx: number; when: number }[] };
  const last = journal.entries.at(-1);
  if (!last) throw new Error('there are no migrations');
  const more = { ...last, idx: last.idx + 1, when: last.when + 1, tag: 'zz_next_version' };
  await writeFile(journalPath, JSON.stringify({ ...journal, entries: [...journal.entries, more] }));
  await writeFile(
    join(folder, 'zz_next_version.sql'),
    'ALTER TABLE "items" ADD COLUMN "tomorrow" text;--> statement-breakpoint\nALTER TABLE "requests" ADD COLUMN "tomorrow" text;',
  );
  const stop = endAll();
  // A chart that takes its time: whoever wants the table for itself waits for it, and everyone else behind that one.
  const chart = await fleet.gateway.database.pools.hot.reserve();
  await chart`begin`;
  await chart`select count(*) from items, requests`;
  try {
    let isOver = false;
    const migrating = migrate(fleet.gateway.database.url, folder).finally(() => {
      isOver = true;
    });
    const calls: Awaited<ReturnType<typeof callBoth>>[] = [];
    const until = performance.now() + 5_000;
    while (performance.now() < until) calls.push(await callBoth(`migrating ${calls.length}`));
    expect(isOver).toBe(false);
    await chart`commit`;
    expect(await migrating).toEqual({ applied: 1 });
    // The code of today works on the tables of tomorrow.
    calls.push(await callBoth('migrated'));
    expect(calls.map(({ lanes }) => lanes)).toEqual(calls.map(() => ['sync', 'batch']));
    expect(Math.max(...calls.map(({ ms }) => ms))).toBeLessThan(4_000);
  } finally {
    stop();
    chart.release();
    await rm(folder, { recursive: true, force: true });
  }
});
