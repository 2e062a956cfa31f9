import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { nextId } from '@/lib/testing/lane/lane-items';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { claimKey, purgeKeys, renewKeys, settleKey } from './idempotency';

const DAY_MS = 86_400_000;
let database: TestDatabase;
let startedAt = 0;
beforeAll(async () => {
  database = await testDatabase();
  const [row] = await database.pools.hot<{ at: Date }[]>`select pg_postmaster_start_time() as at`;
  startedAt = row?.at.getTime() ?? 0;
});
afterAll(() => database?.drop());
beforeEach(() => database.pools.hot`truncate idempotency_keys`);

function ask(now: number, leaseMs: number) {
  return {
    id: 'key',
    bodyHash: 'body',
    requestId: nextId(now),
    owner: 'one',
    now,
    leaseUntil: now + leaseMs,
    expiresAt: now + DAY_MS,
  };
}
const claim = (now: number, leaseMs = 30_000) => claimKey(database.pools.hot, ask(now, leaseMs));

it('a key whose holder shows no life is the next one’s', async () => {
  const now = startedAt + 60_000;
  expect(await claim(now)).toEqual({ kind: 'first' });
  expect(await claim(now + 29_999)).toEqual({ kind: 'busy' });
  expect(await claim(now + 30_000)).toEqual({ kind: 'first' });
});

it('a Postgres that was away ends no lease: holders have time to say that they live', async () => {
  expect(await claim(startedAt - 60_000)).toEqual({ kind: 'first' });
  expect(await claim(startedAt + 1_000)).toEqual({ kind: 'busy' });
  expect(await claim(startedAt + 15_001)).toEqual({ kind: 'first' });
});

it('a call that runs for longer than a day keeps its key, and the outcome after it', async () => {
  const { pools } = database;
  const first = ask(startedAt + 60_000, 30_000);
  await claimKey(pools.hot, first);
  const late = first.now + DAY_MS - 10_000;
  await renewKeys(pools.hot, [{ id: 'key', requestId: first.requestId }], late + 30_000);
  await purgeKeys(pools.hot, late + 20_000);
  expect(await claim(late + 20_000)).toEqual({ kind: 'busy' });
  await settleKey(pools.hot, 'key', first.requestId, Buffer.from('outcome'));
  expect(await claim(late + 25_000)).toMatchObject({ kind: 'outcome' });
});

it('who lost its key changes nothing of it any more', async () => {
  const { pools } = database;
  const first = ask(startedAt + 60_000, 1_000);
  await claimKey(pools.hot, first);
  const second = ask(first.now + 2_000, 30_000);
  expect(await claimKey(pools.hot, second)).toEqual({ kind: 'first' });
  await renewKeys(pools.hot, [{ id: 'key', requestId: first.requestId }], second.now + 3_600_000);
  await settleKey(pools.hot, 'key', first.requestId, Buffer.from('too late'));
  expect(await claim(second.now + 29_000)).toEqual({ kind: 'busy' });
  expect(await claim(second.now + 30_000)).toEqual({ kind: 'first' });
});
