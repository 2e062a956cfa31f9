import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { ensureBuiltInAdmin, findBuiltInAdmin } from './operators';
import {
  createLoginCode,
  createSession,
  endSession,
  findSession,
  LOGIN_CODE_MS,
  purgeExpired,
  redeemLoginCode,
  SESSION_MS,
} from './sessions';

let database: TestDatabase;
let operatorId: string;
const now = new Date('2026-11-22T12:00:00Z');
const after = (ms: number) => new Date(now.getTime() + ms);

beforeAll(async () => {
  database = await testDatabase();
  await ensureBuiltInAdmin(database.pools.admin, 'token');
  operatorId = (await findBuiltInAdmin(database.pools.admin))!.id;
});
afterAll(() => database.drop());

test('of 200 who redeem one code at once, one wins', async () => {
  const db = database.pools.admin;
  await createLoginCode(db, 'code', now);
  const outcomes = await Promise.all(Array.from({ length: 200 }, () => redeemLoginCode(db, 'code', now)));
  expect(outcomes.filter((outcome) => outcome === 'redeemed')).toHaveLength(1);
  expect(await redeemLoginCode(db, 'code', now)).toBe('refused');
});

test('a code lasts ten minutes', async () => {
  const db = database.pools.admin;
  await createLoginCode(db, 'early', now);
  await createLoginCode(db, 'late', now);
  expect(await redeemLoginCode(db, 'early', after(LOGIN_CODE_MS - 1))).toBe('redeemed');
  expect(await redeemLoginCode(db, 'late', after(LOGIN_CODE_MS))).toBe('refused');
});

test('a session lasts seven days, or until it is ended', async () => {
  const db = database.pools.admin;
  const { expiresAt } = await createSession(db, { cookieHmac: 'a', operatorId, now });
  expect(expiresAt).toEqual(after(SESSION_MS));
  expect(await findSession(db, 'a', after(SESSION_MS - 1))).toMatchObject({ name: 'admin', role: 'admin' });
  expect(await findSession(db, 'a', after(SESSION_MS))).toBeNull();
  await endSession(db, 'a');
  expect(await findSession(db, 'a', now)).toBeNull();
});

test('purging removes what is over and nothing else', async () => {
  const db = database.pools.admin;
  await createSession(db, { cookieHmac: 'old', operatorId, now });
  await createSession(db, { cookieHmac: 'young', operatorId, now: after(1) });
  await createLoginCode(db, 'old-code', now);
  await purgeExpired(db, after(SESSION_MS));
  const rows = await database.pools.hot`select cookie_hmac from sessions where cookie_hmac in ('old', 'young')`;
  expect(rows.map((row) => row.cookie_hmac)).toEqual(['young']);
  expect(await database.pools.hot`select 1 from login_codes where code_hmac = 'old-code'`).toHaveLength(0);
});
