import Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CLIENT_KEY, type Gateway, startGateway } from '@/e2e/process/start-gateway';
import { waitFor } from '@/e2e/process/wait-for';
import { ask, type LaneFleet, startLaneFleet, upstreamItems } from './lane-fleet';

const HOUR_MS = 3_600_000;
/** Nothing is asked for in the time of a test: who waits hears of it, or waits in vain. */
const DEAF = { pollMs: HOUR_MS, aliveMs: HOUR_MS };

let fleet: LaneFleet;
/** A second process on the same database, which turns no lane. */
let web: Gateway;
beforeEach(async () => {
  fleet = await startLaneFleet({ hold: DEAF });
  await fleet.publish({ default: { lane: 'batch', window: '0ms', deadline: '1h' } });
  const { simulator, gateway } = fleet;
  web = await startGateway({ upstreamUrl: simulator.url, database: gateway.database, hold: { ...DEAF, sweepMs: 20 } });
});
afterEach(async () => {
  await web?.close();
  await fleet?.close();
});

function create(gateway: Gateway, word: string, headers: Record<string, string> = {}) {
  const client = new Anthropic({ baseURL: gateway.origin, apiKey: CLIENT_KEY, maxRetries: 0 });
  return client.messages.create(ask(word), { headers });
}

const RETRY = { 'x-stainless-retry-count': '1' };

it('a caller hears at once of the outcome that another process brought about', async () => {
  const calls = ['one', 'two', 'three'].map((word) => create(web, word));
  await waitFor('the batch', () => upstreamItems(fleet) === calls.length);
  fleet.finishAll();
  for (const { usage } of await Promise.all(calls)) expect(usage.service_tier).toBe('batch');
});

it('and of a synchronous answer that another process asked for', async () => {
  await fleet.publish({ default: { lane: 'batch', window: '0ms', deadline: '8s' } });
  const { policy } = fleet.gateway.deps;
  await waitFor('the policy elsewhere', () => web.deps.policy.current.version === policy.current.version);
  expect((await create(web, 'pressed')).usage.service_tier).toBe('standard');
});

it('a caller that came back elsewhere is let go where it was', async () => {
  const first = create(web, 'moved').catch((error: unknown) => error);
  await waitFor('the batch', () => upstreamItems(fleet) === 1);
  const again = create(fleet.gateway, 'moved', RETRY);
  expect(await first).toMatchObject({ status: 504, type: 'timeout_error' });
  expect(web.deps.lane.held.size).toBe(0);
  fleet.finishAll();
  expect((await again).usage.service_tier).toBe('batch');
  expect(upstreamItems(fleet)).toBe(1);
});

it('nothing rests on what processes tell each other', async () => {
  await web.close();
  const { simulator, gateway } = fleet;
  // Behind a pooler that hands connections around nothing is ever heard.
  web = await startGateway({ upstreamUrl: simulator.url, database: gateway.database, hold: QUICK, isDeaf: true });
  const moved = create(web, 'moved').catch((error: unknown) => error);
  const stays = create(web, 'stays');
  await waitFor('both calls', () => upstreamItems(fleet) === 2);
  const again = create(gateway, 'moved', RETRY);
  expect(await moved).toMatchObject({ status: 504, type: 'timeout_error' });
  fleet.finishAll();
  expect((await Promise.all([again, stays])).map(({ usage }) => usage.service_tier)).toEqual(['batch', 'batch']);
});

const QUICK = { sweepMs: 20, pollMs: 50, aliveMs: 300 };
