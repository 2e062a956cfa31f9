import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '@/e2e/process/wait-for';
import { createLog } from '@/lib/log';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { LiveTables } from './live-tables';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

test('a read that began earlier never takes the place of a later one, however long it takes', async () => {
  let stored = 1;
  const inPlace: number[] = [];
  let isSlow = false;
  let goOn: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const nothing = async () => undefined;
  const tables = new LiveTables({
    sql: database.pools.hot,
    canListen: true,
    log: createLog('silent'),
    refresh: {
      keys: async () => {
        const read = stored;
        if (isSlow) {
          isSlow = false;
          await slow;
        }
        inPlace.push(read);
      },
      prices: nothing,
      policy: nothing,
      probes: nothing,
    },
    everyPoll: nothing,
    onHealth: () => undefined,
  });
  await tables.start();
  isSlow = true;
  const first = tables.announce('keys');
  await waitFor('the slow read to have begun', () => !isSlow);
  stored = 2;
  const second = tables.announce('keys');
  goOn();
  await Promise.all([first, second]);
  expect(inPlace.at(-1)).toBe(2);
  expect(inPlace).toEqual([...inPlace].sort());
  await tables.stop();
});
