import { randomBytes } from 'node:crypto';
import type { Sql } from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Secrets } from '@/lib/secrets';
import { LOCKS } from '@/lib/store/advisory-locks';
import { upstreamNumber } from '@/lib/store/upstreams';
import { line, MINUTE_MS, newItem, nextId, syncAnswer } from '@/lib/testing/lane/lane-items';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import type { LaneStore } from './lane-store';
import { postgresLaneStore } from './postgres-lane-store';

/** What only happens when two write at the same time. */
let database: TestDatabase;
let sql: Sql;
let store: LaneStore;
const now = Date.now();

beforeAll(async () => {
  database = await testDatabase();
  sql = database.pools.hot;
  const upstreamId = await upstreamNumber(sql, 'https://api.test', false);
  store = postgresLaneStore(sql, new Secrets('root secret of this test'), upstreamId);
  await store.heartbeat('web-1', now + MINUTE_MS);
});
afterAll(() => database.drop());

const claim = (over = {}) =>
  store.claimGroup({
    id: nextId(now),
    nonce: randomBytes(12).toString('hex'),
    owner: 'lane-1',
    leaseUntil: now + 30_000,
    now,
    mostBytes: 32 * 1024 * 1024,
    mostItems: 100,
    ...over,
  });

/** Runs `work` while another transaction holds the rows that `lock` names, until that has waited for it. */
async function whileLocked<T>(lock: (tx: Sql) => Promise<unknown>, work: () => Promise<T>): Promise<T> {
  let working: Promise<T> | null = null;
  await sql.begin(async (tx) => {
    await lock(tx as unknown as Sql);
    working = work();
    await new Promise((resolve) => setTimeout(resolve, 100));
  });
  if (!working) throw new Error('nothing was done');
  return working;
}

it('a window begins when others can join: of many that arrive at once, those that were written later are not due at once', async () => {
  const upstreamId = await upstreamNumber(sql, 'https://crowded.test', false);
  const secrets = new Secrets('root secret of this test');
  const crowded = postgresLaneStore(sql, secrets, upstreamId, { now: () => now + 7_000 });
  const item = { group: { key: 'crowd' }, windowEndsAt: now + 5_000 };
  for (let i = 0; i < 3; i++) await crowded.enqueue(newItem(now, item));
  const due = (at: number) =>
    crowded.claimGroup({
      id: nextId(now),
      nonce: randomBytes(12).toString('hex'),
      owner: 'lane-1',
      leaseUntil: at + 30_000,
      now: at,
      mostBytes: 32 * 1024 * 1024,
      mostItems: 100,
    });
  expect(await due(now + 11_999)).toBeNull();
  expect(await due(now + 12_000)).toMatchObject({ items: 3 });
});

it('waits for the item of a retry when it is being written: it is not a new call', async () => {
  const item = newItem(now, { group: { key: 'attach' } });
  await store.enqueue(item);
  await store.detach(item.id, 0, now);
  const ask = { fingerprint: item.fingerprint, isRetry: true, caller: 'web-1', now, windowMs: 1_000 };
  const attached = await whileLocked(
    (tx) => tx`update items set escalate_at = escalate_at where id = ${item.id}`,
    () => store.attach(ask),
  );
  expect(attached).toMatchObject({ id: item.id });
});

it('gives an item to one of two first copies that come at once', async () => {
  const item = newItem(now, { group: { key: 'twins' } });
  await store.enqueue(item);
  await store.detach(item.id, 0, now);
  const ask = { fingerprint: item.fingerprint, isRetry: false, caller: 'web-1', now, windowMs: 1_000 };
  const attached = await Promise.all([1, 2, 3].map(() => store.attach(ask)));
  expect(attached.filter((one) => one !== null)).toHaveLength(1);
});

it('claims every item once, however many claim', async () => {
  const items = Array.from({ length: 60 }, (_, i) => newItem(now, { maxItems: 7, group: { key: `g${i % 3}` } }));
  await Promise.all(items.map((item) => store.enqueue(item)));
  const seen: string[] = [];
  const drain = async () => {
    for (let tries = 0; tries < 40; tries++) {
      const batch = await claim();
      if (!batch) continue;
      expect(batch.items).toBeLessThanOrEqual(7);
      const payloads = await store.payloads(batch.id);
      expect(payloads).toHaveLength(batch.items);
      seen.push(...payloads.map(({ customId }) => customId.split('-')[1] ?? ''));
    }
  };
  await Promise.all([drain(), drain(), drain()]);
  const wanted = items.map(({ id }) => id.replaceAll('-', ''));
  expect(seen.filter((id) => wanted.includes(id)).toSorted()).toEqual(wanted.toSorted());
});

it('claims every escalation once, however many claim', async () => {
  const items = Array.from({ length: 40 }, () => newItem(now, { escalateAt: now, group: { key: 'escalations' } }));
  await Promise.all(items.map((item) => store.enqueue(item)));
  const of = (owner: string) => ({
    owner,
    leaseUntil: now + 30_000,
    now,
    leadMs: 0,
    limit: 9,
    limits: [],
    isCrowded: true,
  });
  const claims = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((owner) => store.claimEscalations(of(owner))));
  const ids = claims.flat().map(({ id }) => id);
  expect(ids.toSorted()).toEqual(items.map(({ id }) => id).toSorted());
});

it('settles an item once when its batch and its synchronous answer come at the same time', async () => {
  const items = Array.from({ length: 30 }, () => newItem(now, { escalateAt: now + 1, group: { key: 'race' } }));
  for (const item of items) await store.enqueue(item);
  const batch = await claim();
  if (!batch) throw new Error('no group was due');
  await store.posting(batch, { now, postDeadlineAt: now + 30_000, watermark: '', items: 30, bytes: 1 });
  await store.created(batch.id, { msgbatchId: 'msgbatch_race', createdAt: now, expiresAt: null });
  await store.ended(batch.id, { endedAt: now, counts: { succeeded: 30 } }, now);
  const mine = await store.claimEnded({ owner: 'lane-1', leaseUntil: now + 30_000, now });
  if (!mine) throw new Error('nothing has ended');
  const running = await store.claimEscalations({
    owner: 'lane-1',
    leaseUntil: now + 30_000,
    now,
    leadMs: 1,
    limit: 30,
    limits: [],
    isCrowded: false,
  });
  expect(running).toHaveLength(30);
  const lines = items.map((item) => line(mine, item));
  const [count, ...results] = await Promise.all([
    store.settleLines(mine, lines, now, now + 30_000),
    ...running.toReversed().map((item) => store.settleEscalation(item, syncAnswer(item), now)),
    store.renew(running.map(({ id }) => id).toReversed(), 'lane-1', now + 30_000).then(() => null),
    store.hurry(items.map(({ id }) => id).toReversed(), now).then(() => null),
  ]);
  const bySync = results.filter((result) => result === 'settled').length;
  expect(bySync + (count?.settled.length ?? 0)).toBe(30);
  expect(count?.late).toBe(bySync);
  const ids = items.map(({ id }) => id);
  const [row] = await sql`select count(*)::int as attempts from attempts where request_id = any(${ids}::uuid[])`;
  expect(row?.attempts).toBe(60);
});

it('keeps a credential for an item that is queued while it is being removed', async () => {
  const credential = `own:${nextId(now)}`;
  const own: [string, string][] = [['x-api-key', 'sk-ant-own']];
  const item = newItem(now, { ownCredential: own, group: { key: credential, credential } });
  await store.enqueue(item);
  await store.detach(item.id, 0, now - MINUTE_MS);
  await store.dropAbandoned('lane-1', now, 1);
  const next = newItem(now, { ownCredential: own, group: { key: credential, credential } });
  for (let i = 0; i < 20; i++) {
    const purged = store.purge(now);
    await store.enqueue({ ...next, id: nextId(now) });
    await purged;
    expect(await store.ownCredential(credential)).toEqual(own);
    await sql`update items set state = 'done', outcome = 'dropped' where credential = ${credential}`;
  }
  await store.purge(now);
  expect(await store.ownCredential(credential)).toBeNull();
});

it('makes batches while other work of Offpeak holds its own lock', async () => {
  expect(new Set(Object.values(LOCKS)).size).toBe(Object.keys(LOCKS).length);
  await store.enqueue(newItem(now, { group: { key: 'locks' }, windowEndsAt: now - 60 * MINUTE_MS }));
  const claimed = await sql.begin(async (tx) => {
    for (const lock of [LOCKS.rollups, LOCKS.migrate, LOCKS.claimProbe])
      await tx`select pg_advisory_xact_lock(${lock})`;
    return claim();
  });
  expect(claimed).not.toBeNull();
});
