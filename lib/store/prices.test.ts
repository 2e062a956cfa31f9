import { afterAll, beforeAll, expect, test } from 'vitest';
import { PriceRequest } from '@/lib/contract/prices';
import { costOf } from '@/lib/core/pricing';
import { NO_TOKENS } from '@/lib/core/usage';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { addPrice, listPrices, loadPriceBook, seedShippedPrices } from './prices';
import shippedPrices from './shipped-prices.json' with { type: 'json' };

let database: TestDatabase;
const now = new Date('2026-11-22T12:00:00Z');

beforeAll(async () => {
  database = await testDatabase();
  await Promise.all([1, 2, 3].map(() => seedShippedPrices(database.pools.admin)));
});
afterAll(() => database.drop());

test('every shipped row is one that an operator could add, and lies in the table once', async () => {
  for (const row of shippedPrices) expect(PriceRequest.safeParse(row).error).toBeUndefined();
  await seedShippedPrices(database.pools.admin);
  const rows = await listPrices(database.pools.admin, now);
  expect(rows).toHaveLength(shippedPrices.length);
  const shipped = shippedPrices.map((row) => ({ ...row, effectiveFrom: new Date(row.effectiveFrom).toISOString() }));
  expect(rows.map(({ id, createdAt, createdBy, current, ...row }) => row)).toEqual(expect.arrayContaining(shipped));
});

test('the cut of a cache read holds from its day on', async () => {
  const book = await loadPriceBook(database.pools.admin);
  const before = book.priceAt('claude-sonnet-5-5', new Date('2026-10-06T23:59:59.999Z'));
  const after = book.priceAt('claude-sonnet-5-5', new Date('2026-10-07T00:00:00Z'));
  expect(before?.base.cacheRead).toBe(200_000n);
  expect(after?.base.cacheRead).toBe(100_000n);
  const rows = (await listPrices(database.pools.admin, now)).filter((row) => row.model === 'claude-sonnet-5-5');
  expect(rows.map(({ cacheRead, current }) => [cacheRead, current])).toEqual([
    ['0.1', true],
    ['0.2', false],
  ]);
});

test('long context, batch, geography and searches come out to the picodollar', async () => {
  const book = await loadPriceBook(database.pools.admin);
  const haiku = book.priceAt('claude-haiku-5-5', now)!;
  const tokens = { ...NO_TOKENS, input: 100_001, output: 10 };
  // 100,001 × 0.50 + 10 × 2.50 USD per million, halved.
  expect(costOf(haiku, { tokens, batch: true, geo: null })).toBe((100_001n * 500_000n + 10n * 2_500_000n) / 2n);
  expect(costOf(haiku, { tokens: { ...tokens, input: 100_000 }, batch: false, geo: null })).toBe(
    100_000n * 100_000n + 10n * 500_000n,
  );
  // 3 searches at 10 USD per 1,000, never discounted.
  expect(costOf(haiku, { tokens: { ...NO_TOKENS, input: 10, webSearches: 3 }, batch: false, geo: 'us' })).toBe(
    1_100_000n + 30_000_000_000n,
  );
  expect(book.priceAt('claude-haiku-4-5', now)?.geoUsPermille).toBeNull();
  expect(book.priceAt('claude-mythos-preview', now)).toBeNull();
});

test('adding a row changes no earlier one; of one moment the younger wins', async () => {
  const db = database.pools.admin;
  const before = await listPrices(db, now);
  const request = PriceRequest.parse({
    model: "o'; drop table prices; --",
    aliases: ['__proto__', 'alias,with"quotes'],
    effectiveFrom: '2026-01-01T00:00:00Z',
    input: '0.0001',
    output: '5',
    cacheWrite5m: '1.25',
    cacheWrite1h: '2',
    cacheRead: '0.1',
    longContext: {
      threshold: 1000,
      input: '2',
      output: '10',
      cacheWrite5m: '2.5',
      cacheWrite1h: '4',
      cacheRead: '0.2',
    },
    batchDiscount: 0.4,
    geoUsMultiplier: null,
    webSearch: '12.5',
    source: 'a test',
  });
  const first = await addPrice(db, request, 'ana', now);
  expect(first).toMatchObject({
    ...request,
    effectiveFrom: '2026-01-01T00:00:00.000Z',
    createdBy: 'ana',
    current: true,
  });
  const second = await addPrice(db, { ...request, input: '3' }, 'ana', now);
  const rows = await listPrices(db, now);
  expect(rows.find((row) => row.id === first.id)).toEqual({ ...first, current: false });
  expect(rows.filter((row) => row.id !== first.id && row.id !== second.id)).toEqual(before);
  const book = await loadPriceBook(db);
  expect(book.priceAt('__proto__', now)?.id).toBe(second.id);
  expect(book.priceAt(request.model, new Date('2025-12-31T23:59:59Z'))).toBeNull();
});
