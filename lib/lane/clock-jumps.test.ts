import { afterEach, beforeEach, expect, it } from 'vitest';
import { LaneClock } from '@/lib/server/lane-clock';
import { MINUTE_MS } from '@/lib/testing/lane/lane-items';
import { LaneRig, type RigProcess } from '@/lib/testing/lane/lane-rig';
import { expectAllAnswered, expectBillBooked, expectBookedOnce, expectSentOnce } from '@/lib/testing/lane/rig-checks';

const HOUR_MS = 60 * MINUTE_MS;

let rig: LaneRig;
let alive: () => Promise<void>;
beforeEach(async () => {
  rig = await LaneRig.start();
  // The process of the callers lives, whatever the time.
  alive = () => rig.store.heartbeat('web-1', rig.now() + 13 * HOUR_MS);
});
afterEach(() => rig.close());

/** Deadlines that no jump of these tests reaches: what is answered is answered by a batch. */
const far = (i: number) => ({
  maxItems: 10,
  group: { key: `g${i % 4}` },
  answerBy: rig.now() + 12 * HOUR_MS,
  escalateAt: rig.now() + 11 * HOUR_MS,
});

async function expectNothingTwice(calls: number, items: Awaited<ReturnType<LaneRig['queue']>>): Promise<void> {
  await expectAllAnswered(rig, items);
  expectSentOnce(rig, items);
  await expectBookedOnce(rig);
  expect(await expectBillBooked(rig)).toEqual({ batch: calls, sync: 0 });
}

it.each([
  ['forwards', HOUR_MS],
  ['backwards', -HOUR_MS],
])('a clock that jumps %s in the middle of everything, and back, sends nothing twice', async (_, jumpMs) => {
  const items = await rig.queue(80, far);
  await alive();
  let skewMs = 0;
  let passed = 0;
  // At every point where a process could die its clock is another one than a moment before.
  const jumping = rig.process({
    skewMs: () => skewMs,
    at: async () => {
      skewMs = ++passed % 2 === 1 ? jumpMs : 0;
    },
  });
  // What was leased while the clock was ahead stays so until then.
  await rig.drain([jumping, rig.process()], 2 * HOUR_MS);
  expect(passed).toBeGreaterThanOrEqual(8);
  await expectNothingTwice(80, items);
});

it.each([
  ['ahead', HOUR_MS],
  ['behind', -HOUR_MS],
])('of two processes, one an hour %s, each item is sent by one', async (_, skewMs) => {
  const items = await rig.queue(80, far);
  await alive();
  const processes: RigProcess[] = [rig.process({ skewMs: () => skewMs }), rig.process()];
  await rig.drain(processes, 2 * HOUR_MS);
  await expectNothingTwice(80, items);
});

it('a batch whose clock jumps while it is sent is found, not sent again', async () => {
  const items = await rig.queue(20, far);
  await alive();
  rig.simulator.addFault({ endpoint: 'batch_create', times: 1, fault: { kind: 'reset', when: 'after_work' } });
  let skewMs = 0;
  const jumping = rig.process({
    skewMs: () => skewMs,
    at: async (point) => {
      if (point === 'after_post') skewMs = HOUR_MS;
    },
  });
  await rig.drain([jumping, rig.process()], 2 * HOUR_MS);
  await expectNothingTwice(20, items);
});

it('the lane’s clock is Postgres’, carried on by one that does not jump', async () => {
  let monotonic = 5_000;
  const clock = new LaneClock(() => monotonic);
  expect(clock.isSet).toBe(false);
  await clock.sync(async () => 1_000_000);
  expect(clock.now()).toBe(1_000_000);
  monotonic += 7_000;
  // Not asked again so soon: whatever the machine's own clock says, seven seconds have passed.
  await clock.sync(async () => 9_999_999);
  expect(clock.now()).toBe(1_007_000);
  monotonic += 7_000;
  await clock.sync(async () => 1_014_003);
  expect(clock.now()).toBe(1_014_003);
});
