import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '@/e2e/process/wait-for';
import { ask, type LaneFleet, startLaneFleet } from './lane-fleet';

let fleet: LaneFleet;
beforeAll(async () => {
  fleet = await startLaneFleet({ env: { OFFPEAK_PASSTHROUGH: 'on' } });
  await fleet.publish({ default: { lane: 'batch', window: '0ms', deadline: '1h' } });
});
afterAll(() => fleet?.close());

it('a caller’s own credential waits for a batch only after a success: being overloaded or limited proves nothing', async () => {
  const client = fleet.client({ apiKey: 'sk-of-the-caller' });
  const seen: (string | null)[] = [];
  const call = async (word: string) => {
    const { response } = await client.messages.create(ask(word)).withResponse();
    seen.push(response.headers.get('x-offpeak-because'));
  };
  for (const error of [{ status: 529 }, { status: 429, retryAfterSeconds: 1 }, { status: 413 }, { status: 500 }]) {
    fleet.simulator.addFault({ endpoint: 'messages', times: 1, fault: { kind: 'error', ...error } });
    const failure = await client.messages.create(ask('refused')).catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ status: error.status });
    expect(fleet.gateway.deps.lane.accepted.size).toBe(0);
  }
  await call('proves it');
  const waiting = call('waits');
  await waitFor('its batch', () => fleet.simulator.batches().length === 1);
  fleet.finishAll();
  await waiting;
  expect(seen).toEqual(['ineligible:credential', 'rule']);
});

it('is kept encrypted while its item is open, and gone with the last', async () => {
  const sql = fleet.gateway.database.pools.hot;
  const client = fleet.client({ apiKey: 'sk-of-the-caller' });
  const waiting = client.messages.create(ask('kept'));
  const kept = () => sql<{ sealed: Uint8Array }[]>`select sealed from lane_credentials`;
  await waitFor('its batch', () => fleet.simulator.batches().length === 2);
  const [row] = await kept();
  expect(Buffer.from(row?.sealed ?? []).includes('sk-of-the-caller')).toBe(false);
  expect(row?.sealed.length).toBeGreaterThan(0);
  fleet.finishAll();
  expect((await waiting).usage.service_tier).toBe('batch');
  await waitFor('it to be gone', async () => (await kept()).length === 0);
});
