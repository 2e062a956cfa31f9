import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedShippedPrices } from '@/lib/store/prices';
import { type AdminProcess, adminProcess } from './admin-process';

let admin: AdminProcess;
beforeAll(async () => {
  admin = await adminProcess();
  await seedShippedPrices(admin.deps.pools.admin);
  await admin.deps.announce('prices');
});
afterAll(() => admin.stop());

const read = async () => (await admin.call('GET', '/api/probes', { token: admin.tokens.viewer })).json;
const write = (body: unknown) => admin.call('PUT', '/api/probes', { token: admin.tokens.operator, body });
const BODY = {
  enabled: true,
  interval: '30m',
  models: ['claude-haiku-5-5', 'a-model-of-tomorrow'],
  dailyCapUsd: '0.5',
};

test('are off until someone sets them; who and when is told, and the process knows at once', async () => {
  expect(await read()).toMatchObject({ enabled: false, models: [], author: null, updatedAt: null, probes: [] });
  const answer = await write(BODY);
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({ ...BODY, author: 'operator', spentTodayUsd: '0', heldTodayUsd: '0' });
  expect(Date.parse(answer.json.updatedAt)).toBeGreaterThan(Date.now() - 60_000);
  expect(await read()).toEqual(answer.json);
  expect(admin.deps.probes.current).toMatchObject({
    enabled: true,
    intervalMs: 1_800_000,
    dailyCapPico: 500_000_000_000n,
  });
});

test('say of each model why it is not probed', async () => {
  await write(BODY);
  const states = async () => (await read()).probes.map((probe: { state: string }) => probe.state);
  // This process has no credential of that name.
  expect(await states()).toEqual(['no_credential', 'no_credential']);
  const { upstream } = admin.deps;
  admin.deps.upstream = Object.assign(Object.create(upstream), { credential: () => 'secret' });
  expect(await states()).toEqual(['due', 'unpriced']);
  const [known, unknown] = (await read()).probes;
  expect(Number(known.worstCostUsd)).toBeGreaterThan(0);
  expect([unknown.worstCostUsd, unknown.last, unknown.lastBatchAt]).toEqual([null, null, null]);
  await write({ ...BODY, dailyCapUsd: '0' });
  expect(await states()).toEqual(['capped', 'unpriced']);
  await write({ ...BODY, enabled: false });
  expect(await states()).toEqual(['off', 'off']);
  admin.deps.upstream = upstream;
});

test.each<[string, object, string]>([
  ['an interval below a minute', { interval: '30s' }, 'interval'],
  ['no interval', { interval: 'often' }, 'interval'],
  ['a negative cap', { dailyCapUsd: '-1' }, 'dailyCapUsd'],
  ['no amount', { dailyCapUsd: '1e3' }, 'dailyCapUsd'],
  ['a model twice', { models: ['a', 'a'] }, 'models'],
  ['a model with a control character', { models: ['a\nb'] }, 'models.0'],
  ['an unknown field', { cap: 1 }, 'cap'],
])('%s is refused', async (_, over, path) => {
  const answer = await write({ ...BODY, ...over });
  expect([answer.status, answer.json.errors[0].path]).toEqual([422, path]);
});

test('viewers may look, not change', async () => {
  expect((await admin.call('PUT', '/api/probes', { token: admin.tokens.viewer, body: BODY })).status).toBe(403);
  expect((await admin.call('GET', '/api/probes')).status).toBe(401);
});
