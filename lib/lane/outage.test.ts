import { afterEach, beforeEach, expect, it } from 'vitest';
import { MINUTE_MS } from '@/lib/testing/lane/lane-items';
import { LaneRig } from '@/lib/testing/lane/lane-rig';
import { expectAllAnswered, expectBillBooked, expectBookedOnce } from '@/lib/testing/lane/rig-checks';

const HOUR_MS = 60 * MINUTE_MS;
let rig: LaneRig;
beforeEach(async () => {
  rig = await LaneRig.start();
});
afterEach(() => rig.close());

it.each([529, 500])(
  'an outage of a minute (%i): upstream is asked little meanwhile, and all is answered after it',
  async (status) => {
    const pressed = 150;
    const items = await rig.queue(300, (i) => ({
      answerBy: rig.now() + 10 * MINUTE_MS,
      escalateAt: rig.now() + (i < pressed ? 5_000 : 9 * MINUTE_MS),
      group: { key: `g${i % 5}` },
    }));
    for (const endpoint of ['messages', 'batch_create', 'batch_list', 'batch_retrieve', 'batch_results'] as const) {
      rig.simulator.addFault({ endpoint, fault: { kind: 'error', status } });
    }
    const process = rig.process();
    const end = rig.now() + MINUTE_MS;
    while (rig.now() < end) {
      await process.turn();
      rig.pass(500);
    }
    // One try each would be 150. What is due is a flood that an upstream in trouble is spared.
    const asked = rig.simulator.requests({}).filter(({ path }) => path === '/v1/messages').length;
    expect(asked).toBeLessThanOrEqual(pressed);
    const others = rig.simulator.requests({}).filter(({ path }) => path !== '/v1/messages').length;
    // A list a second, and for each of five groups a batch every two seconds or rarer: what runs beside the turns varies.
    expect(others).toBeLessThanOrEqual(60 + 5 * 30);
    rig.simulator.clearFaults();
    await rig.drain([process]);
    await expectAllAnswered(rig, items);
    await expectBookedOnce(rig);
    const { batch, sync } = await expectBillBooked(rig);
    expect(batch + sync).toBe(300);
  },
);

it('a batch that somebody cancels at upstream: sync answers what it has not done', async () => {
  const items = await rig.queue(40);
  const process = rig.process();
  await rig.turn([process], async () => rig.simulator.batches().length > 0);
  for (const { id } of rig.simulator.batches()) {
    const headers = { 'x-api-key': 'sk-sim-key', 'anthropic-version': '2023-06-01' };
    await fetch(`${rig.simulator.url}/v1/messages/batches/${id}/cancel`, { method: 'POST', headers });
  }
  await rig.drain([process]);
  await expectAllAnswered(rig, items);
  const { batch, sync } = await expectBillBooked(rig);
  expect([batch + sync, sync > 0]).toEqual([40, true]);
});

it('a batch that expires after its day: sync answers it, where there is time', async () => {
  const items = await rig.queue(20, () => ({
    answerBy: rig.now() + 26 * HOUR_MS,
    escalateAt: rig.now() + 25 * HOUR_MS,
  }));
  await rig.store.heartbeat('web-1', rig.now() + 48 * HOUR_MS);
  rig.simulator.addFault({ endpoint: 'batch_create', fault: { kind: 'never_ends' } });
  const process = rig.process();
  await rig.turn([process], async () => rig.simulator.batches().length > 0);
  rig.pass(24 * HOUR_MS + MINUTE_MS);
  await rig.drain([process]);
  await expectAllAnswered(rig, items);
  // What was done when the day was over has been paid for, and is delivered.
  const { batch, sync } = await expectBillBooked(rig);
  expect([batch + sync, sync > 0]).toEqual([20, true]);
  const [late] = await rig.database.pools.hot<{ n: number }[]>`
    select count(*)::int as n from items where outcome_at >= escalate_at + interval '1 hour'`;
  expect(late?.n).toBe(0);
});
