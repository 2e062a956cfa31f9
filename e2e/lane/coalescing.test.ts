import { request } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CLIENT_KEY } from '@/e2e/process/start-gateway';
import { waitFor } from '@/e2e/process/wait-for';
import { ask, type LaneFleet, startLaneFleet, upstreamItems } from './lane-fleet';

let fleet: LaneFleet;
beforeEach(async () => {
  fleet = await startLaneFleet();
  await waitUpTo('0ms');
});
afterEach(() => fleet?.close());

/** How long calls wait for others to join. */
const waitUpTo = (window: string) => fleet.publish({ default: { lane: 'batch', window, deadline: '1h' } });

const sent = (body: object, headers: Record<string, string> = {}) =>
  new Promise<number>((resolve, reject) => {
    const call = request(
      `${fleet.gateway.origin}/v1/messages`,
      { method: 'POST', headers: { 'x-api-key': CLIENT_KEY, 'anthropic-version': '2023-06-01', ...headers } },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });

it('a thousand calls at once make two batches at most', async () => {
  await waitUpTo('5s');
  const calls = Promise.all(Array.from({ length: 1_000 }, (_, i) => sent(ask(`call ${i}`))));
  // When it fails before they end, their ends are nobody's.
  calls.catch(() => undefined);
  await waitFor('all of them upstream', () => upstreamItems(fleet) === 1_000);
  expect(fleet.simulator.batches().length).toBeLessThanOrEqual(2);
  fleet.finishAll();
  expect(new Set(await calls)).toEqual(new Set([200]));
}, 60_000);

it('what does not belong together is not put together', async () => {
  await waitUpTo('2s');
  const calls = [
    sent(ask('plain')),
    sent(ask('plain, again')),
    sent(ask('other model', { model: 'claude-haiku-5-5' })),
    sent(ask('other version'), { 'anthropic-version': '2026-10-21' }),
    sent(ask('long', { max_tokens: 32_000 })),
    sent(ask('other workspace'), { 'anthropic-workspace-id': 'wrkspc_other' }),
  ];
  await waitFor('all of them upstream', () => upstreamItems(fleet) === calls.length);
  const sizes = fleet.simulator.batches().map(({ request_counts }) => request_counts.processing);
  expect(sizes.sort()).toEqual([1, 1, 1, 1, 2]);
  fleet.finishAll();
  expect(new Set(await Promise.all(calls))).toEqual(new Set([200]));
});

it('numbers and the order of keys go up as they came', async () => {
  const raw =
    '{"stream":false,"max_tokens":64,"model":"claude-sonnet-5-5","metadata":{"user_id":"1.0"},"messages":[{"role":"user","content":"x"}],"tools":[{"name":"t","input_schema":{"type":"object","properties":{"n":{"type":"number","maximum":12345678901234567890,"minimum":1.0}}}}]}';
  const call = new Promise((resolve) => {
    const one = request(
      `${fleet.gateway.origin}/v1/messages`,
      { method: 'POST', headers: { 'x-api-key': CLIENT_KEY, 'anthropic-version': '2023-06-01' } },
      (response) => response.resume().on('end', () => resolve(response.statusCode)),
    );
    one.end(raw);
  });
  await waitFor('it upstream', () => upstreamItems(fleet) === 1);
  const created = fleet.simulator.requests({ bodies: true }).find(({ method }) => method === 'POST');
  expect(Buffer.from(created?.body ?? '', 'base64').toString('utf8')).toContain(
    `"params":${raw.replace('"stream":false,', '')}`,
  );
  fleet.finishAll();
  expect(await call).toBe(200);
});

it.each([
  ['max_tokens', { max_tokens: 0 }],
  ['messages', { messages: [] }],
  ['model', { model: 'claude-unheard-of' }],
  ['speed', { speed: 'fast' }],
])('a call that a batch cannot take (%s) goes sync, and upstream gives the true answer', async (why, over) => {
  await sent({ ...ask('no batch'), ...over });
  const [row] = await fleet.gateway.logged(1);
  expect(row).toMatchObject({ lane: 'sync', because: `ineligible:${why}` });
  expect(fleet.simulator.batches()).toHaveLength(0);
});
