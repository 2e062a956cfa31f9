import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { ClientBatches } from './client-batches';

let database: TestDatabase;
let batches: ClientBatches;
const [mine, theirs] = [randomUUID(), randomUUID()];
const first = { limit: 2, afterId: null, beforeId: null };

beforeAll(async () => {
  database = await testDatabase();
  batches = new ClientBatches(database.pools.admin);
  for (const id of ['b1', 'b2', 'b3', 'b4', 'b5']) await batches.own(id, mine);
  await batches.own('t1', theirs);
});
afterAll(() => database.drop());

test('a batch exists for its own key alone, and for the first that booked it', async () => {
  await batches.own('b1', theirs);
  expect(await batches.owns('b1', mine)).toBe(true);
  expect(await batches.owns('b1', theirs)).toBe(false);
  expect(await batches.owns("b1' or true --", theirs)).toBe(false);
});

test('pages in both directions, newest first', async () => {
  expect(await batches.page(mine, first)).toEqual({ ids: ['b5', 'b4'], hasMore: true });
  expect(await batches.page(mine, { ...first, afterId: 'b4' })).toEqual({ ids: ['b3', 'b2'], hasMore: true });
  expect(await batches.page(mine, { ...first, afterId: 'b2' })).toEqual({ ids: ['b1'], hasMore: false });
  expect(await batches.page(mine, { ...first, beforeId: 'b2' })).toEqual({ ids: ['b4', 'b3'], hasMore: true });
  expect(await batches.page(mine, { ...first, beforeId: 'b4' })).toEqual({ ids: ['b5'], hasMore: false });
  expect(await batches.page(theirs, first)).toEqual({ ids: ['t1'], hasMore: false });
});

test("another key's batch is no cursor", async () => {
  await expect(batches.page(mine, { ...first, afterId: 't1' })).rejects.toMatchObject({
    type: 'invalid_request_error',
  });
});

test('a deleted batch is gone, but paging goes on from it', async () => {
  await batches.forget('b4');
  expect(await batches.owns('b4', mine)).toBe(false);
  expect(await batches.page(mine, first)).toEqual({ ids: ['b5', 'b3'], hasMore: true });
  expect(await batches.page(mine, { ...first, afterId: 'b4' })).toEqual({ ids: ['b3', 'b2'], hasMore: true });
});
