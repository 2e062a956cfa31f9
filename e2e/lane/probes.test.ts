import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '@/e2e/process/wait-for';
import { setProbeSettings, spentOn } from '@/lib/store/probes';
import { type LaneFleet, startLaneFleet } from './lane-fleet';

const MODEL = 'claude-haiku-5-5';
let fleet: LaneFleet;
beforeAll(async () => {
  fleet = await startLaneFleet();
});
afterAll(() => fleet?.close());

interface Row {
  lane: string;
  served_by: string | null;
  state: string;
  tags: object;
  cost_pico: string;
  sync_cost_pico: string;
  waste_pico: string;
  latency_ms: number | null;
  batch_id: string | null;
}

it('switched on, a model is probed in both lanes, logged, measured and counted against the day', async () => {
  const { deps, database } = fleet.gateway;
  const sql = database.pools.hot;
  await setProbeSettings(deps.pools.admin, {
    enabled: true,
    intervalMs: 3_600_000,
    models: [MODEL],
    dailyCapPico: 10n ** 12n,
    author: 'test',
    updatedAt: new Date().toISOString(),
  });
  await deps.announce('probes');
  await waitFor('the batch', () => fleet.simulator.batches().length === 1);
  const held = await spentOn(sql, deps.upstreamId, Date.now());
  expect(held.bookedPico + held.heldPico).toBeGreaterThan(0n);
  fleet.finishAll();
  const rows = await waitFor('both log rows', async () => {
    const found = await sql<Row[]>`select * from requests where rule = 'probe' order by lane`;
    return found.length === 2 && found;
  });
  const tags = { offpeak: 'probe' };
  expect(rows).toMatchObject([
    { lane: 'batch', served_by: 'batch', state: 'succeeded', tags, sync_cost_pico: '0' },
    { lane: 'sync', served_by: 'sync', state: 'succeeded', tags, sync_cost_pico: '0' },
  ]);
  expect(rows[0]?.batch_id).toMatch(/^msgbatch_/);
  for (const { cost_pico, waste_pico, latency_ms } of rows) {
    expect(BigInt(cost_pico)).toBeGreaterThan(0n);
    expect(waste_pico).toBe(cost_pico);
    expect(latency_ms).toBeGreaterThan(0);
  }
  const cost = rows.reduce((sum, row) => sum + BigInt(row.cost_pico), 0n);
  expect(await spentOn(sql, deps.upstreamId, Date.now())).toEqual({ bookedPico: cost, heldPico: 0n });
  const [batch] = await sql<{ n: number }[]>`
    select count(*)::int as n from batches where model = ${MODEL} and ended_at is not null`;
  expect(batch?.n).toBe(1);
});
