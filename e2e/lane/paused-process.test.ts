import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Child } from '@/e2e/process/child';
import { PRODUCT } from '@/e2e/process/ensure-build';
import type { LaneProcessPlan } from '@/e2e/process/lane-process';
import { waitFor } from '@/e2e/process/wait-for';
import { LaneRig, RIG_SECRET } from '@/lib/testing/lane/lane-rig';
import { expectAllAnswered, expectBillBooked, expectBookedOnce, expectSentOnce } from '@/lib/testing/lane/rig-checks';
import '@/e2e/process/patience';

/** The product's relations, at a thirtieth of its times. */
const PACING = {
  leaseMs: 1_000,
  startPostMs: 300,
  postMs: 1_500,
  absentMs: 3_000,
  densestPollMs: 50,
  sparsestPollMs: 300,
  collectAgainMs: [50, 500] as [number, number],
  hungMs: 4_000,
};
const HOUR_MS = 3_600_000;

let rig: LaneRig;
let folder: string;
let children: Child[];
beforeEach(async () => {
  rig = await LaneRig.start({ turnaround: { fixedMs: 400 } });
  folder = await mkdtemp(join(tmpdir(), 'offpeak-paused-'));
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map((child) => child.kill('SIGKILL')));
  await rig.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(name: string): Promise<Child> {
  const plan: LaneProcessPlan = {
    databaseUrl: rig.database.url,
    upstreamUrl: rig.simulator.url,
    secret: RIG_SECRET,
    journal: join(folder, `${name}.jsonl`),
    pacing: PACING,
    turnEveryMs: 20,
  };
  const args = ['--import', 'tsx', 'e2e/process/lane-process.ts', JSON.stringify(plan)];
  const child = new Child({ args, cwd: PRODUCT, env: {} });
  children.push(child);
  await waitFor('the lane process', () => {
    if (child.exit) throw new Error(child.stderr);
    return child.stdout !== '';
  });
  return child;
}

const left = async () => {
  const [row] = await rig.database.pools.hot<{ n: number }[]>`
    select (select count(*) from items where state <> 'done')::int
      + (select count(*) from batches where state not in ('closed', 'void'))::int as n`;
  return row?.n ?? -1;
};
const posts = () =>
  rig.simulator.requests({}).filter(({ method, path }) => method === 'POST' && /batches$/.test(path)).length;
const owners = async () => {
  const rows = await rig.database.pools.hot<{ owner: string }[]>`select distinct owner from lane_leases`;
  return rows.map(({ owner }) => owner);
};

it.each([
  ['while it sends', () => posts() >= 2],
  ['while it reads', () => rig.simulator.requests({}).some(({ path }) => path.endsWith('/results'))],
])('one of two processes is stopped beyond its leases %s, and wakes up: nothing is sent twice', async (_, isThere) => {
  // Slow enough to be stopped in the middle of it.
  rig.simulator.addFault({ endpoint: 'batch_create', fault: { kind: 'delay', ms: 100 } });
  rig.simulator.addFault({ endpoint: 'batch_results', fault: { kind: 'delay', ms: 100 } });
  const first = await start('first');
  const items = await rig.queue(60, (i) => ({
    maxItems: 10,
    group: { key: `g${i % 6}` },
    answerBy: rig.now() + 2 * HOUR_MS,
    escalateAt: rig.now() + HOUR_MS,
  }));
  await waitFor('the moment', isThere);
  first.signal('SIGSTOP');
  // The second begins what is left, and takes over what the first has begun as soon as its leases are over.
  const second = await start('second');
  await waitFor('the second one to lead', async () => (await owners()).includes(`process-${second.pid}`));
  await waitFor('all to be over', async () => (await left()) === 0, 60_000);
  first.signal('SIGCONT');
  const turned = await rig.queue(1, () => ({ answerBy: rig.now() + 2 * HOUR_MS, escalateAt: rig.now() + HOUR_MS }));
  await second.kill('SIGKILL');
  // It has woken up when it serves again: by then it has done all that it was about to do.
  await waitFor('the first one to turn again', async () => (await left()) === 0, 60_000);
  const all = [...items, ...turned];
  await expectAllAnswered(rig, all);
  expectSentOnce(rig, all);
  await expectBookedOnce(rig);
  expect(await expectBillBooked(rig)).toEqual({ batch: all.length, sync: 0 });
});
