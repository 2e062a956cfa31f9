import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ProbeSettings } from '@/lib/core/probing';
import type { ClosedRecord, OpenedRecord } from '@/lib/core/request-record';
import { claimProbe } from '@/lib/store/probes';
import { MINUTE_MS } from '@/lib/testing/lane/lane-items';
import { LaneRig } from '@/lib/testing/lane/lane-rig';
import type { Probing } from './probe';

const MODEL = 'claude-sonnet-5-5';
let rig: LaneRig;
let settings: ProbeSettings | null;
let logged: { opened: OpenedRecord[]; closed: ClosedRecord[] };
beforeAll(async () => {
  rig = await LaneRig.start();
});
afterAll(() => rig?.close());
beforeEach(async () => {
  rig.pass(24 * 60 * MINUTE_MS);
  await rig.database.pools.hot`truncate probes, items, batches`;
  settings = { enabled: true, intervalMs: 10 * MINUTE_MS, models: [MODEL], dailyCapPico: 10n ** 12n };
  logged = { opened: [], closed: [] };
});

const probing = (): Probing => ({
  settings: () => settings,
  claim: (ask) => claimProbe(rig.database.pools.lane, rig.upstreamId, ask),
  about: () => ({ upstream: 'simulator', simulated: true, policyVersion: 7 }),
  log: {
    opened: (record) => logged.opened.push(record),
    closed: (record) => logged.closed.push(record),
  },
});

/** Turns them for so long, a turn every twenty seconds. */
async function turnFor(processes: ReturnType<LaneRig['process']>[], minutes: number): Promise<void> {
  for (let turns = 0; turns < minutes * 3; turns++) {
    await Promise.all(processes.map((process) => process.turn()));
    rig.pass(20_000);
  }
}

const batches = () => rig.simulator.batches().length;
const items = () =>
  rig.database.pools.hot<{ state: string; outcome: string | null; probe: boolean; opened: OpenedRecord }[]>`
    select state, outcome, probe, opened from items order by id`;

it('one small request in a batch of its own and one by sync, once an interval among all processes', async () => {
  const before = batches();
  await turnFor([rig.process({ probing: probing() }), rig.process({ probing: probing() })], 25);
  expect(batches() - before).toBe(3);
  expect(logged.closed).toHaveLength(3);
  const kept = await items();
  expect(kept).toHaveLength(3);
  for (const { state, outcome, probe, opened } of kept) {
    expect({ state, outcome, probe }).toEqual({ state: 'done', outcome: 'answered', probe: true });
    expect(opened).toMatchObject({ rule: 'probe', tags: { offpeak: 'probe' }, lane: 'batch', policyVersion: 7 });
  }
  for (const closed of logged.closed) {
    expect(closed).toMatchObject({ state: 'succeeded', servedBy: 'sync' });
    expect(BigInt(closed.attempts[0]?.costPico ?? 0)).toBeGreaterThan(0n);
    expect(closed.attempts[0]?.delivered).toBe(false);
  }
});

it('none where calls show it anyway, none while switched off, none of a model without a price', async () => {
  const process = rig.process({ probing: probing() });
  await rig.queue(5);
  const before = batches();
  await process.turn();
  settings = {
    enabled: true,
    intervalMs: 10 * MINUTE_MS,
    models: [MODEL, 'a-model-of-tomorrow'],
    dailyCapPico: 10n ** 12n,
  };
  await turnFor([process], 9);
  // The calls' own batch, and perhaps a probe that was begun in the same moment; nothing after them.
  expect(batches() - before).toBeLessThanOrEqual(2);
  settings = null;
  const after = batches();
  await turnFor([process], 30);
  expect(batches()).toBe(after);
});

it('none beyond the cap', async () => {
  settings = { enabled: true, intervalMs: MINUTE_MS, models: [MODEL], dailyCapPico: 0n };
  const before = batches();
  await turnFor([rig.process({ probing: probing() })], 5);
  expect(batches()).toBe(before);
  expect(logged.opened).toEqual([]);
});

it('refused by upstream, it has failed: it is not asked again by sync', async () => {
  const fault = rig.simulator.addFault({
    endpoint: 'batch_create',
    fault: { kind: 'error', status: 400, type: 'invalid_request_error' },
  });
  const billed = () => rig.simulator.ledger().entries.length;
  const before = billed();
  await turnFor([rig.process({ probing: probing() })], 3);
  rig.simulator.clearFaults(fault);
  expect(await items()).toMatchObject([{ state: 'done', outcome: 'failed' }]);
  expect(billed() - before).toBe(1);
});

it('a process that dies right after the claim costs one interval, and no money', async () => {
  let claimed: () => void = () => undefined;
  const hasClaimed = new Promise<void>((resolve) => {
    claimed = resolve;
  });
  const dying = rig.process({
    probing: {
      ...probing(),
      async claim(ask) {
        await probing().claim(ask);
        claimed();
        return new Promise(() => undefined);
      },
    },
  });
  const before = batches();
  const turn = dying.turn();
  await hasClaimed;
  dying.die();
  await turn;
  const next = rig.process({ probing: probing() });
  await turnFor([next], 9);
  expect(batches()).toBe(before);
  await turnFor([next], 3);
  expect(batches()).toBe(before + 1);
});
