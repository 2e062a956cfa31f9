import { afterAll, beforeAll, expect, it } from 'vitest';
import { stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';
import { canWait } from '@/e2e/replicas/can-wait';
import { expectNothingLost } from '@/e2e/replicas/expect-nothing-lost';
import { FleetTraffic } from '@/e2e/replicas/fleet-traffic';
import { type Replica, ReplicaSet } from '@/e2e/replicas/replica-set';

const MODEL = 'claude-haiku-5-5';
const ROUNDS = 12;
const PATIENCE_MS = 1_500_000;

let set: ReplicaSet;
beforeAll(async () => {
  set = await ReplicaSet.start({
    simulator: {
      turnaround: { fixedMs: 4_000 },
      sync: { fixed: { [MODEL]: { ttftMs: 100, tokensPerSecond: 100 } } },
      rateLimits: 'off',
      recordedRequests: 200_000,
      recordedBytes: 512 * 1024 * 1024,
    },
  });
  await Promise.all([set.add(), set.add(), set.add()]);
});
afterAll(async () => {
  await stopEveryOffpeak();
  await set?.close();
});

/**
 * At any moment, also between the first byte of a batch and its answer: such a batch is looked for after its lease, and
 * for as long as it takes its callers wait; those that have had a sign of life are answered by sync when they have to go.
 */
it(
  `${ROUNDS} deaths and stops of three replicas under a fleet lose nothing and pay nothing twice`,
  async () => {
    await set.publish(canWait('300ms'));
    const { origin } = set.balancer;
    const traffic = new FleetTraffic({ origin, key: set.apiKey, agents: 120, model: MODEL, tolerance: '4h' });
    for (let round = 0; round < ROUNDS; round++) {
      const from = traffic.done.length;
      await waitFor('the fleet to go on', () => traffic.done.length >= from + 200, 240_000);
      const victim = set.replicas[round % set.replicas.length] as Replica;
      await set.end(victim, round % 3 === 2 ? 'SIGTERM' : 'SIGKILL');
      await set.revive(victim);
    }
    const calls = await traffic.stop();
    expect(calls.some(({ isReplayed }) => isReplayed)).toBe(true);
    await expectNothingLost(set, calls, true);
  },
  PATIENCE_MS,
);
