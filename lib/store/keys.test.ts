import { afterAll, beforeAll, expect, test } from 'vitest';
import { PLAIN_KEY } from '@/lib/testing/plain-key';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import {
  createKey,
  ensureSeedKey,
  findActiveKey,
  keySecret,
  listKeys,
  loadActiveKeys,
  type NewKey,
  revokeKey,
} from './keys';

let database: TestDatabase;
const now = new Date('2026-11-22T12:00:00Z');

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

function newKey(name: string, over: Partial<NewKey> = {}): NewKey {
  return {
    ...PLAIN_KEY,
    name,
    secretHmac: `hmac ${name}`,
    prefix: 'opk_abcd',
    last4: 'wxyz',
    createdBy: 'admin',
    ...over,
  };
}

async function create(name: string, over: Partial<NewKey> = {}) {
  const key = await createKey(database.pools.admin, newKey(name, over));
  if (key === 'name_taken') throw new Error('unexpected');
  return key;
}

test('keeps the ends of a secret and nothing between', () => {
  const kept = keySecret('opk_0123456789abcdefghijklmnop', () => 'hmac');
  expect(kept).toEqual({ secretHmac: 'hmac', prefix: 'opk_0123', last4: 'mnop' });
});

test('the gateway and the page read the same key', async () => {
  const monthlyBudgetPico = 8_999_999_123_456_789_012n;
  const tags = { team: 'search', constructor: 'x' };
  const made = await create('full', { toleranceMs: 600_000, patienceMs: 0, tags, batch: false, monthlyBudgetPico });
  expect(made).toMatchObject({
    tolerance: '10m',
    patience: 'interactive',
    monthlyBudgetUsd: '8999999.123456789012',
    tags,
    revokedAt: null,
  });
  const key = await findActiveKey(database.pools.hot, 'hmac full');
  expect(key).toMatchObject({
    id: made.id,
    toleranceMs: 600_000,
    patienceMs: 0,
    batch: false,
    monthlyBudgetPico,
    tags,
  });
  expect((await loadActiveKeys(database.pools.hot)).get('hmac full')).toEqual(key);
  expect((await listKeys(database.pools.admin, new Date())).find((one) => one.id === made.id)).toEqual(made);
});

test('one active key per name; a revoked one frees it and is gone for the gateway', async () => {
  const first = await create('job');
  expect(await createKey(database.pools.admin, newKey('job', { secretHmac: 'other' }))).toBe('name_taken');
  expect((await revokeKey(database.pools.admin, first.id, now))?.revokedAt).toBe(now.toISOString());
  expect(await findActiveKey(database.pools.hot, 'hmac job')).toBeNull();
  expect((await loadActiveKeys(database.pools.hot)).has('hmac job')).toBe(false);
  const later = await revokeKey(database.pools.admin, first.id, new Date(now.getTime() + 1));
  expect(later?.revokedAt).toBe(now.toISOString());
  await create('job', { secretHmac: 'second' });
});

test('revoking what does not exist answers null', async () => {
  expect(await revokeKey(database.pools.admin, '00000000-0000-4000-8000-000000000000', now)).toBeNull();
});

test('the key of the environment is made once, and finds a free name', async () => {
  const db = database.pools.admin;
  const seed = (secretHmac: string) =>
    ensureSeedKey(db, { name: 'default', secretHmac, prefix: 'opk_', last4: '0000' });
  const outcomes = await Promise.all([seed('one'), seed('one'), seed('one')]);
  expect(outcomes.sort()).toEqual(['created', 'exists', 'exists']);
  expect(await seed('two')).toBe('created');
  expect((await findActiveKey(database.pools.hot, 'two'))?.name).toBe('default-2');
  const { id } = (await findActiveKey(database.pools.hot, 'two'))!;
  await revokeKey(db, id, now);
  expect(await seed('two')).toBe('revoked');
  expect(await findActiveKey(database.pools.hot, 'two')).toBeNull();
});

test.each(["x' or '1'='1", '; drop table keys', '__proto__'])('a secret hmac %j matches nothing', async (hmac) => {
  expect(await findActiveKey(database.pools.hot, hmac)).toBeNull();
});
