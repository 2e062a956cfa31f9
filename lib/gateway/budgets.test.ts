import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiKey } from '@/lib/core/api-key';
import { isApiError } from '@/lib/core/errors';
import type { Uuid } from '@/lib/core/ids';
import { Ingest } from '@/lib/store/ingest';
import { createKey, keySecret, loadSpend } from '@/lib/store/keys';
import { attemptRecord, closedRecord, openedRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { Budgets } from './budgets';

let database: TestDatabase;
let key: ApiKey;
let now = Date.UTC(2026, 10, 22);

beforeAll(async () => {
  database = await testDatabase();
  const terms = { toleranceMs: null, tags: {}, batch: true, store: true, patienceMs: null, upstream: 'default' };
  const made = await createKey(database.pools.admin, {
    ...terms,
    name: 'capped',
    ...keySecret('opk_0123456789abcdefghijklmn', (text) => text),
    monthlyBudgetPico: 100n,
    createdBy: 'test',
  });
  if (made === 'name_taken') throw new Error('a fresh database has no key');
  key = { ...terms, id: made.id as Uuid, name: 'capped', monthlyBudgetPico: 100n };
});
afterAll(() => database.drop());

async function spend(arrivedAt: number, costPico: string, times = 1) {
  const opened = openedRecord({ arrivedAt, keyId: key.id });
  const closed = closedRecord(opened, { attempts: [attemptRecord({ costPico })] });
  for (let i = 0; i < times; i++) await new Ingest(database.pools.hot).write([{ opened, closed }]);
}

test('a budget blocks when it is spent, counts nothing twice, and begins anew with the month', async () => {
  const budgets = new Budgets(
    (month) => loadSpend(database.pools.hot, month),
    () => now,
  );
  await spend(Date.UTC(2026, 9, 31, 23, 59), '1000');
  await spend(now, '99', 3);
  await budgets.refresh();
  budgets.check(key);
  await spend(now, '1');
  await budgets.refresh();
  expect(() => budgets.check(key)).toThrow(
    expect.toSatisfy(
      (error) => isApiError(error) && error.status === 429 && error.headers['x-should-retry'] === 'false',
    ),
  );
  budgets.check({ ...key, monthlyBudgetPico: null });
  now = Date.UTC(2026, 11, 1);
  budgets.check(key);
  await budgets.refresh();
  budgets.check(key);
});
