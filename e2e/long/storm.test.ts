import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, type LaneFleet, startLaneFleet, upstreamItems } from '@/e2e/lane/lane-fleet';
import { waitFor } from '@/e2e/process/wait-for';

const CALLERS = 1_000;
const TRIES = 3;
const PATIENCE_MS = 240_000;

let fleet: LaneFleet;
beforeAll(async () => {
  fleet = await startLaneFleet();
  await fleet.publish({ default: { lane: 'batch', window: '1s', deadline: '1h' } });
});
afterAll(() => fleet?.close());

it('a thousand callers that time out and come back three times cost a thousand items', async () => {
  const sql = fleet.gateway.database.pools.hot;
  // Each gives up when it has been taken in, twice; a timeout of a clock would be one of this machine's load.
  const leave = Array.from({ length: CALLERS }, () => new AbortController());
  const client = fleet.client();
  const body = (i: number) => ask(`storm ${i % 40}`);
  const go = (i: number, attempt: number) =>
    client.messages.create(body(i), {
      timeout: PATIENCE_MS,
      headers: { 'x-stainless-timeout': '600', 'x-stainless-retry-count': String(attempt) },
      ...(attempt < TRIES - 1 && { signal: leave[i]?.signal ?? null }),
    });
  for (let attempt = 0; attempt < TRIES - 1; attempt++) {
    for (let i = 0; i < CALLERS; i++) leave[i] = new AbortController();
    const tries = leave.map((_, i) => go(i, attempt).catch(() => null));
    await waitFor(`try ${attempt}`, () => fleet.gateway.deps.lane.held.size === CALLERS, PATIENCE_MS);
    for (const one of leave) one.abort();
    await Promise.all(tries);
    await waitFor('all of them gone', () => fleet.gateway.deps.lane.held.size === 0, PATIENCE_MS);
  }
  const last = Promise.all(leave.map((_, i) => go(i, TRIES - 1)));
  await waitFor('the last try', () => fleet.gateway.deps.lane.held.size === CALLERS, PATIENCE_MS);
  await waitFor('every item upstream', () => upstreamItems(fleet) === CALLERS, PATIENCE_MS);
  fleet.finishAll();
  const messages = await last;
  expect(new Set(messages.map(({ id }) => id)).size).toBe(CALLERS);
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from items`;
  expect(row?.n).toBe(CALLERS);
  expect(upstreamItems(fleet)).toBe(CALLERS);
});
