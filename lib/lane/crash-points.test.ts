import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { FaultRule } from '@/lib/simulator/fault-rule';
import { MINUTE_MS } from '@/lib/testing/lane/lane-items';
import { LaneRig, type RigProcess } from '@/lib/testing/lane/lane-rig';
import { expectAllAnswered, expectBillBooked, expectBookedOnce, expectSentOnce } from '@/lib/testing/lane/rig-checks';
import { SimRandom } from '@/lib/testing/lane/sim-random';
import { CRASH_POINTS } from './lane-deps';
import { PACING } from './pacing';

/** The lane as it is, on a real Postgres, and upstream's own bill. */
let rig: LaneRig;
beforeEach(async () => {
  rig = await LaneRig.start();
});
afterEach(() => rig.close());

describe('a process that dies', () => {
  const CALLS = 200;
  /** Where nothing can be known of an answer that came and was not written. */
  const LOSES_ANSWERS = 'after_sync_answer';

  const SEEDS = Array.from({ length: inject('scale').deaths }, (_, i) => i + 1);

  /** At which time that it passes the point a process dies, and what there is to do. */
  function draw(seed: number) {
    if (seed <= 2) return { hit: seed * 2 - 1, pressed: seed, maxItems: 40, machine: seed === 1 ? 'm1' : 'm2' };
    const random = new SimRandom(seed);
    const maxItems = random.pick([20, 25, 40, 50]);
    const hit = random.between(1, CALLS / maxItems);
    return { hit, pressed: random.between(0, 3), maxItems, machine: random.pick(['m1', 'm2']) };
  }

  it.each(CRASH_POINTS.flatMap((point) => SEEDS.map((seed) => [point, seed] as const)))(
    '%s, %i: another takes over, nothing is lost and nothing is sent twice',
    async (point, seed) => {
      // A quarter must be answered before their batch is back.
      const { hit, pressed, maxItems, machine } = draw(seed);
      const isPressed = (i: number) => i % 4 === pressed;
      const items = await rig.queue(CALLS, (i) => ({
        maxItems,
        answerBy: rig.now() + 20 * MINUTE_MS,
        escalateAt: rig.now() + (isPressed(i) ? 30_000 : 19 * MINUTE_MS),
      }));
      let hits = 0;
      const first = rig.process({
        machine: 'm1',
        at: async (at, process) => {
          if (at !== point || ++hits !== hit) return;
          process.die();
          await new Promise(() => undefined);
        },
      });
      await rig.turn([first], async () => !first.isAlive);
      // The second one starts in its place, or elsewhere: then it knows nothing of what the first had on disk.
      await rig.drain([rig.process({ machine })]);
      await expectAllAnswered(rig, items);
      await expectBookedOnce(rig);
      const sent = rig.sent();
      expect(new Set(sent).size).toBe(sent.length);
      const lost = point === LOSES_ANSWERS ? PACING.mostEscalations : 0;
      const { sync, batch } = await expectBillBooked(rig, lost);
      expect(batch).toBe(sent.length);
      // Those that were pressed before the second process could send them are answered by sync alone.
      expect(batch).toBeGreaterThanOrEqual((CALLS * 3) / 4);
      expect(sync).toBeGreaterThanOrEqual(CALLS / 4);
      expect(sync).toBeLessThanOrEqual(CALLS / 4 + lost);
    },
  );
});

describe('two processes on one database', () => {
  it('send every item once', async () => {
    const items = await rig.queue(300, (i) => ({ maxItems: 20, group: { key: `g${i % 3}` } }));
    await rig.drain([rig.process(), rig.process()]);
    await expectAllAnswered(rig, items);
    expectSentOnce(rig, items);
    expect(await expectBillBooked(rig)).toEqual({ batch: 300, sync: 0 });
  });

  it.each(['after_claim', 'after_posting'] as const)('send it once when one sleeps %s and wakes up', async (point) => {
    const items = await rig.queue(50);
    let wake: () => void = () => undefined;
    const awake = new Promise<void>((resolve) => {
      wake = resolve;
    });
    let asleep = false;
    const sleeper = rig.process({
      at: async (at) => {
        if (at !== point || asleep) return;
        asleep = true;
        await awake;
      },
    });
    const sleeping = sleeper.step();
    while (!asleep) await new Promise((resolve) => setTimeout(resolve, 5));
    const other = rig.process();
    await rig.turn([other], async () => rig.sent().length > 0);
    wake();
    await sleeping;
    await rig.drain([sleeper, other]);
    await expectAllAnswered(rig, items);
    expectSentOnce(rig, items);
    expect(await expectBillBooked(rig)).toEqual({ batch: 50, sync: 0 });
  });
});

describe('upstream', () => {
  const creates = () => rig.simulator.requests({}).filter(({ method, path }) => `${method} ${path}` === CREATE).length;
  const CREATE = 'POST /v1/messages/batches';
  const withFaults = async (...faults: FaultRule[]): Promise<RigProcess> => {
    const items = await rig.queue(60);
    for (const fault of faults) rig.simulator.addFault(fault);
    const process = rig.process();
    await rig.drain([process]);
    await expectAllAnswered(rig, items);
    expectSentOnce(rig, items);
    expect(await expectBillBooked(rig)).toEqual({ batch: 60, sync: 0 });
    return process;
  };

  it('is sent a thousand calls of one model as one batch', async () => {
    const items = await rig.queue(1_000);
    await rig.drain([rig.process()]);
    expect(creates()).toBe(1);
    expectSentOnce(rig, items);
    expect(await expectBillBooked(rig)).toEqual({ batch: 1_000, sync: 0 });
  });

  it('has made the batch although its answer got lost: it is found', async () => {
    await withFaults({ endpoint: 'batch_create', nth: 1, fault: { kind: 'reset', when: 'after_work' } });
    expect(creates()).toBe(1);
  });

  it('has made the batch although it never answers: it is found', async () => {
    const silence: FaultRule = { endpoint: 'batch_create', nth: 1, fault: { kind: 'delay', ms: 400 } };
    const items = await rig.queue(20);
    rig.simulator.addFault(silence);
    await rig.drain([rig.process({ pacing: { postMs: 200 } })]);
    await expectAllAnswered(rig, items);
    expectSentOnce(rig, items);
    expect(await expectBillBooked(rig)).toEqual({ batch: 20, sync: 0 });
  });

  it('has not made the batch and did not say so: it is made again', async () => {
    await withFaults({ endpoint: 'batch_create', nth: 1, fault: { kind: 'reset', when: 'before_work' } });
    expect(creates()).toBe(2);
  });

  it('asks to wait: no batch is tried before', async () => {
    const fault = { kind: 'error', status: 429, retryAfterSeconds: 60 } as const;
    await withFaults({ endpoint: 'batch_create', times: 1, fault });
    expect(creates()).toBe(2);
  });

  it('is rate limited and does not say for how long: the calls wait, and are sent as one batch all the same', async () => {
    const fault = { kind: 'error', status: 429, retryAfterSeconds: null } as const;
    await withFaults({ endpoint: 'batch_create', times: 2, fault });
    expect(creates()).toBe(3);
  });

  it.each([null, 60])(
    'has reached its spend cap (retry-after %s): no batch is tried again, sync tells each call',
    async (wait) => {
      await rig.queue(20);
      const fault = {
        kind: 'error',
        status: 429,
        errorCode: 'enforced_spend_limit_reached',
        retryAfterSeconds: wait,
      } as const;
      for (const endpoint of ['batch_create', 'messages'] as const) rig.simulator.addFault({ endpoint, fault });
      await rig.drain([rig.process()]);
      expect(creates()).toBe(1);
      const rows = await rig.database.pools.hot`
      select distinct outcome from items where outcome_at < escalate_at + interval '1 minute'`;
      expect([...rows]).toEqual([{ outcome: 'failed' }]);
      expect(rig.simulator.requests({}).filter(({ path }) => path === '/v1/messages')).toHaveLength(20);
      expect(await expectBillBooked(rig)).toEqual({ batch: 0, sync: 0 });
    },
  );

  it('refuses the batch as such: sync gives each call its answer', async () => {
    const items = await rig.queue(20);
    rig.simulator.addFault({ endpoint: 'batch_create', fault: { kind: 'error', status: 403 } });
    await rig.drain([rig.process()]);
    await expectAllAnswered(rig, items);
    expect(await expectBillBooked(rig)).toEqual({ batch: 0, sync: 20 });
    expect(creates()).toBe(1);
  });

  it('hides the batch for a while: it is waited for', async () => {
    await withFaults({ endpoint: 'batch_create', fault: { kind: 'hide_batch', ms: 70_000 } });
  });

  it.each([
    ['truncate_at_line', { kind: 'results', variant: 'truncate_at_line', after: 20 }],
    ['truncate_mid_line', { kind: 'results', variant: 'truncate_mid_line', after: 20 }],
    ['blank_line', { kind: 'results', variant: 'blank_line' }],
    ['duplicate', { kind: 'results', variant: 'duplicate' }],
    ['foreign', { kind: 'results', variant: 'foreign' }],
    ['reset', { kind: 'reset', when: 'mid_body', after: 20 }],
    ['error', { kind: 'error', status: 529 }],
  ] as const)('spoils the results (%s): they are read until they are whole', async (_, fault) => {
    await withFaults({ endpoint: 'batch_results', times: 2, fault });
  });

  it('fails for an hour where the results are: nothing is paid for twice', async () => {
    const items = await rig.queue(20, () => ({
      answerBy: rig.now() + 300 * MINUTE_MS,
      escalateAt: rig.now() + 290 * MINUTE_MS,
    }));
    const fault = rig.simulator.addFault({ endpoint: 'batch_results', fault: { kind: 'error', status: 500 } });
    const process = rig.process();
    const end = rig.now() + 60 * MINUTE_MS;
    while (rig.now() < end) {
      await process.turn();
      rig.pass(MINUTE_MS);
    }
    rig.simulator.clearFaults(fault);
    await rig.drain([process]);
    await expectAllAnswered(rig, items);
    expect(await expectBillBooked(rig)).toEqual({ batch: 20, sync: 0 });
  });

  it('says that the results are elsewhere: nobody goes there', async () => {
    let visits = 0;
    const elsewhere = createServer((_, response) => {
      visits++;
      response.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    await withFaults({ endpoint: 'batches', fault: { kind: 'results_url', origin } });
    expect(visits).toBe(0);
    elsewhere.close();
  });

  it('gives nothing for some items: sync does', async () => {
    const items = await rig.queue(40);
    const fault = { kind: 'item_errors', share: 0.5, type: 'overloaded_error' } as const;
    rig.simulator.addFault({ endpoint: 'batch_create', fault });
    await rig.drain([rig.process()]);
    await expectAllAnswered(rig, items);
    const { batch, sync } = await expectBillBooked(rig);
    expect(batch + sync).toBe(40);
    expect(sync).toBeGreaterThan(0);
  });

  it('never ends the batch: every call is answered in time', async () => {
    const items = await rig.queue(30, () => ({
      answerBy: rig.now() + 5 * MINUTE_MS,
      escalateAt: rig.now() + 4 * MINUTE_MS,
    }));
    rig.simulator.addFault({ endpoint: 'batch_create', fault: { kind: 'never_ends' } });
    await rig.drain([rig.process()]);
    const rows = await rig.database.pools.hot<{ early: number; late: number }[]>`
      select count(*) filter (where outcome_at < escalate_at)::int as early,
        count(*) filter (where outcome_at > answer_by)::int as late from items`;
    expect(rows[0]).toEqual({ early: 0, late: 0 });
    await expectAllAnswered(rig, items);
    expect((await expectBillBooked(rig)).sync).toBe(30);
  });
});
