import { afterAll, beforeAll, expect, it } from 'vitest';
import { stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';
import { canWait } from '@/e2e/replicas/can-wait';
import { expectNothingLost } from '@/e2e/replicas/expect-nothing-lost';
import { FleetTraffic } from '@/e2e/replicas/fleet-traffic';
import { itemsHeldBy, liveCallersOf } from '@/e2e/replicas/held-items';
import { type Replica, ReplicaSet } from '@/e2e/replicas/replica-set';

const MODEL = 'claude-haiku-5-5';

let set: ReplicaSet;
beforeAll(async () => {
  set = await ReplicaSet.start({
    simulator: {
      turnaround: { fixedMs: 2_500 },
      sync: { fixed: { [MODEL]: { ttftMs: 100, tokensPerSecond: 100 } } },
      rateLimits: 'off',
    },
  });
  await Promise.all([set.add(), set.add(), set.add()]);
});
afterAll(async () => {
  await stopEveryOffpeak();
  await set?.close();
});

it('three replicas are killed, stopped and added under load: nothing is lost, nothing paid twice', async () => {
  const [first, second, third] = set.replicas as [Replica, Replica, Replica];
  await set.publish(canWait('400ms'));
  const { origin } = set.balancer;
  const traffic = new FleetTraffic({ origin, key: set.apiKey, agents: 24, model: MODEL, tolerance: '1h' });
  const progress = (calls: number) => {
    const from = traffic.done.length;
    return waitFor(`${calls} more calls`, () => traffic.done.length >= from + calls, 120_000);
  };
  await progress(60);
  const held = await waitFor('the first to hold callers', async () => {
    const ids = await itemsHeldBy(set, first);
    return ids.length >= 3 && ids;
  });
  await set.end(first, 'SIGKILL');
  await waitFor('each of its callers to be another one’s', async () => {
    const callers = await liveCallersOf(set, held);
    return callers.length === held.length && callers.every((pid) => pid !== first.process.pid);
  });
  // One that only serves; and the lane is turned by one that callers do not reach.
  await set.add({ OFFPEAK_ROLE: 'web' });
  expect(await set.end(second, 'SIGTERM')).toEqual({ code: 0, signal: null });
  set.balancer.remove(second.port);
  await set.revive(second, { OFFPEAK_ROLE: 'lane' });
  await set.end(third, 'SIGKILL');
  await progress(60);
  await Promise.all([set.revive(first), set.revive(third)]);
  const calls = await traffic.stop();
  expect(calls.some(({ isReplayed }) => isReplayed)).toBe(true);
  // Where a batch takes longer than 15 s, callers of the one that was told to end had bytes already.
  await expectNothingLost(set, calls, true);
}, 400_000);
