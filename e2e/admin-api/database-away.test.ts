import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AdminProcess, adminProcess } from './admin-process';

let admin: AdminProcess;

beforeAll(async () => {
  admin = await adminProcess();
});
afterAll(() => admin.stop());

test('without a database calls answer 503 soon; who was seen lately still gets the status', async () => {
  expect((await admin.call('GET', '/api/status', { token: admin.tokens.viewer })).json.database).toBe('up');
  const restore = admin.loseDatabase();
  try {
    const keys = await admin.call('GET', '/api/keys', { token: admin.tokens.viewer });
    expect([keys.status, keys.json.error.type, keys.headers.get('retry-after')]).toEqual([
      503,
      'overloaded_error',
      '2',
    ]);
    expect(keys.text).not.toMatch(/ECONNREFUSED|127\.0\.0\.1/);
    const status = await admin.call('GET', '/api/status', { token: admin.tokens.viewer });
    expect([status.status, status.json.database, status.json.firstRequestAt]).toEqual([200, 'down', null]);
    // Someone who was not: that cannot be decided now.
    expect((await admin.call('GET', '/api/status', { token: 'opt_someone-else' })).status).toBe(503);
    expect((await admin.call('GET', '/api/status')).status).toBe(401);
    expect((await admin.call('POST', '/api/session', { body: { code: 'opc_some-code' } })).status).toBe(503);
  } finally {
    await restore();
  }
  expect((await admin.call('GET', '/api/keys', { token: admin.tokens.viewer })).status).toBe(200);
});

test('when every connection is taken the deadline answers, and other pools go on', async () => {
  const { analytics } = admin.deps.pools;
  const slow = Array.from({ length: 24 }, () => analytics`select pg_sleep(2.5)`.execute());
  const over = Promise.allSettled(slow);
  const startedAt = performance.now();
  const [summary, keys] = await Promise.all([
    admin.call('GET', '/api/metrics/summary', { token: admin.tokens.viewer }),
    admin.call('GET', '/api/keys', { token: admin.tokens.viewer }),
  ]);
  expect([summary.status, summary.json.error.type]).toEqual([503, 'overloaded_error']);
  expect(performance.now() - startedAt).toBeLessThan(9_500);
  expect(keys.status).toBe(200);
  for (const one of slow) one.cancel();
  await over;
}, 60_000);

test('a statement beyond its time answers 503 and says what to do', async () => {
  const lock = await admin.deps.pools.hot.reserve();
  await lock`begin`;
  await lock`lock table requests in access exclusive mode`;
  try {
    const answer = await admin.call('GET', '/api/metrics/summary', { token: admin.tokens.viewer });
    expect([answer.status, answer.json.error.type]).toEqual([503, 'overloaded_error']);
    expect(answer.json.error.message).toContain('shorter range');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  } finally {
    await lock`rollback`;
    lock.release();
  }
}, 20_000);

test('calls are counted by status class', async () => {
  const text = await admin.deps.metrics.registry.metrics();
  expect(text).toMatch(/offpeak_admin_calls_total\{status="2xx"\} \d+/);
  expect(text).toMatch(/offpeak_admin_calls_total\{status="5xx"\} \d+/);
});
