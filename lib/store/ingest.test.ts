import { afterAll, beforeAll, expect, test } from 'vitest';
import { attemptRecord, closedRecord, openedRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { Ingest } from './ingest';
import { dropExpiredPartitions } from './partitions';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

test('a batch written twice is there once, with its money', async () => {
  const ingest = new Ingest(database.pools.hot);
  const opened = openedRecord();
  const closed = closedRecord(opened, {
    attempts: [attemptRecord({ costPico: '100' }), attemptRecord({ costPico: '30', delivered: false })],
  });
  await ingest.write([{ opened, closed }]);
  await ingest.write([{ opened, closed }]);
  const rows = await database.pools
    .hot`select cost_pico, sync_cost_pico, waste_pico, unpriced from requests where id = ${opened.id}`;
  expect([...rows]).toEqual([{ cost_pico: '130', sync_cost_pico: '100', waste_pico: '30', unpriced: false }]);
  const attempts = await database.pools.hot`select 1 from attempts where request_id = ${opened.id}`;
  expect(attempts).toHaveLength(2);
});

test('text that jsonb refuses is stored readable', async () => {
  const opened = openedRecord({ model: 'a\0b\ud800', tags: { team: 'x\0' } });
  await new Ingest(database.pools.hot).write([{ opened, closed: closedRecord(opened) }]);
  const [row] = await database.pools.hot`select model, tags from requests where id = ${opened.id}`;
  expect(row).toEqual({ model: 'a\ufffdb\ufffd', tags: { team: 'x\ufffd' } });
});

test('records of any day find a partition, and retention drops whole days', async () => {
  const ingest = new Ingest(database.pools.hot);
  const old = openedRecord({ arrivedAt: Date.UTC(2026, 0, 1, 23, 59) });
  const kept = openedRecord({ arrivedAt: Date.UTC(2026, 0, 3) });
  await ingest.write([old, kept].map((opened) => ({ opened, closed: closedRecord(opened) })));
  const retention = { log: 86_400_000, bodies: 86_400_000 };
  const dropped = await dropExpiredPartitions(database.pools.hot, retention, Date.UTC(2026, 0, 4, 12));
  expect(dropped).toContain('requests_20260101');
  expect(dropped).not.toContain('requests_20260103');
  const left = await database.pools.hot`select id from requests where id in (${old.id}, ${kept.id})`;
  expect(left.map(({ id }) => id)).toEqual([kept.id]);
});

test('two ingests that meet a new day together both succeed', async () => {
  const writes = Array.from({ length: 6 }, () => {
    const opened = openedRecord({ arrivedAt: Date.UTC(2026, 5, 1) });
    return new Ingest(database.pools.hot).write([{ opened, closed: closedRecord(opened) }]);
  });
  await Promise.all(writes);
});
