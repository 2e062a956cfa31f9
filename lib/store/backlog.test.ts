import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeItem } from '@/lib/testing/lane-rows';
import { openedRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { readBacklog } from './backlog';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database?.drop());

const MINUTE_MS = 60_000;

it('counts what waits and how long, and tells what waits longer than it should', async () => {
  const { hot } = database.pools;
  const now = Date.now();
  // Windows close five seconds after arrival.
  const queue = (state: 'queued' | 'batched' | 'escalating' | 'done', agoMs: number, upstreamId = 1) =>
    writeItem(hot, openedRecord({ arrivedAt: now - agoMs }), { state, upstreamId, answerBy: now + 60 * MINUTE_MS });
  await queue('queued', 3_000);
  await queue('batched', 10 * MINUTE_MS);
  await queue('batched', 20 * MINUTE_MS);
  await queue('done', 30 * MINUTE_MS);
  await queue('queued', 30 * MINUTE_MS, 2);
  const calm = await readBacklog(hot, 1);
  expect([...calm.states].map(([state, { items }]) => [state, items]).sort()).toEqual([
    ['batched', 2],
    ['queued', 1],
  ]);
  expect(calm.states.get('batched')?.oldestMs).toBeGreaterThan(20 * MINUTE_MS - 1);
  expect(calm.states.get('batched')?.oldestMs).toBeLessThan(21 * MINUTE_MS);
  expect(calm.overdueMs).toBe(0);

  await queue('queued', 2 * MINUTE_MS);
  const late = await readBacklog(hot, 1);
  expect(late.overdueMs).toBeGreaterThan(2 * MINUTE_MS - 5_001);
  expect(late.overdueMs).toBeLessThan(3 * MINUTE_MS);
  expect(await readBacklog(hot, 3)).toEqual({ states: new Map(), overdueMs: 0 });
});
