import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import {
  createOperator,
  deleteOperator,
  ensureBuiltInAdmin,
  findBuiltInAdmin,
  findByTokenHmac,
  listOperators,
} from './operators';
import { createSession, findSession } from './sessions';

let database: TestDatabase;
const now = new Date('2026-11-22T12:00:00Z');

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

test('the built-in admin exists once, whoever starts at the same time', async () => {
  const db = database.pools.admin;
  await Promise.all(Array.from({ length: 5 }, () => ensureBuiltInAdmin(db, 'token-a')));
  const all = await listOperators(db);
  expect(all).toMatchObject([{ name: 'admin', role: 'admin', builtIn: true }]);
  expect(await findByTokenHmac(db, 'token-a')).toMatchObject({ name: 'admin' });
});

test('a changed admin token ends the old one and its sessions; the same one does not', async () => {
  const db = database.pools.admin;
  const admin = await findBuiltInAdmin(db);
  await createSession(db, { cookieHmac: 'cookie', operatorId: admin!.id, now });
  await ensureBuiltInAdmin(db, 'token-a');
  expect(await findSession(db, 'cookie', now)).toMatchObject({ name: 'admin' });
  await ensureBuiltInAdmin(db, 'token-b');
  expect(await findSession(db, 'cookie', now)).toBeNull();
  expect(await findByTokenHmac(db, 'token-a')).toBeNull();
  expect(await findByTokenHmac(db, 'token-b')).toEqual(admin);
});

test('a deleted operator is out at once, and the name is free again', async () => {
  const db = database.pools.admin;
  const ana = await createOperator(db, { name: 'ana', role: 'viewer', tokenHmac: 'ana-1' });
  if (ana === 'name_taken') throw new Error('unexpected');
  expect(await createOperator(db, { name: 'ana', role: 'admin', tokenHmac: 'ana-2' })).toBe('name_taken');
  await createSession(db, { cookieHmac: 'ana-cookie', operatorId: ana.id, now });
  expect(await deleteOperator(db, ana.id, now)).toBe('deleted');
  expect(await deleteOperator(db, ana.id, now)).toBe('unknown');
  expect(await findSession(db, 'ana-cookie', now)).toBeNull();
  expect(await findByTokenHmac(db, 'ana-1')).toBeNull();
  expect(await createOperator(db, { name: 'ana', role: 'admin', tokenHmac: 'ana-3' })).toMatchObject({ role: 'admin' });
});

test('the built-in admin cannot be deleted', async () => {
  const db = database.pools.admin;
  const admin = await findBuiltInAdmin(db);
  expect(await deleteOperator(db, admin!.id, now)).toBe('built_in');
  expect(await findBuiltInAdmin(db)).toEqual(admin);
});

test.each(["'; drop table operators; --", '__proto__', 'constructor', '𝕏‮reversed'])(
  'takes %j for a name and nothing else',
  async (name) => {
    const db = database.pools.admin;
    expect(await createOperator(db, { name, role: 'viewer', tokenHmac: `hmac ${name}` })).toMatchObject({ name });
    expect(await findByTokenHmac(db, `hmac ${name}`)).toMatchObject({ name, role: 'viewer' });
    expect(await findByTokenHmac(db, "' or true --")).toBeNull();
  },
);
