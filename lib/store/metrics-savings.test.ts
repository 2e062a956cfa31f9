import { afterAll, beforeAll, expect, test } from 'vitest';
import { day, made, range, scope, writeMetricSample } from '@/lib/testing/metric-sample';
import { attemptRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { Ingest } from './ingest';
import { readSavings } from './metrics-savings';
import { readSummary } from './metrics-summary';
import { readTokens } from './metrics-tokens';

const other = { upstream: { origin: 'https://tokens.test', simulated: false }, range };
const timed = { bucket: '6h', timeZone: 'UTC' } as const;
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await writeMetricSample(database);
  const batch = (costPico: string, syncCostPico: string) => ({
    attempts: [attemptRecord({ lane: 'batch', costPico, syncCostPico })],
  });
  const used = (model: string, usage: unknown, over = {}, hour = '10') =>
    made(
      day(`21T${hour}:00:00`),
      { model, upstream: other.upstream.origin },
      { attempts: [attemptRecord({ usage, costPico: '1000000000000', ...over })] },
    );
  await new Ingest(database.pools.hot).write([
    // Half price, and one whose batch was paid besides its sync answer.
    made(day('21T19:00:00'), { model: 'd', lane: 'batch' }, batch('500000000000', '1000000000000')),
    made(
      day('21T20:00:00'),
      { model: 'd', lane: 'batch' },
      {
        servedBy: 'sync',
        attempts: [
          attemptRecord({
            key: 'w',
            lane: 'batch',
            costPico: '3000000000000',
            syncCostPico: '6000000000000',
            delivered: false,
          }),
          attemptRecord({ key: 's', costPico: '6000000000000', syncCostPico: '6000000000000' }),
        ],
      },
    ),
    used('m', { input_tokens: 5, output_tokens: 7, cache_read_input_tokens: 100, cache_creation_input_tokens: 11 }),
    used(
      'm',
      {
        input_tokens: 1,
        output_tokens: 2,
        cache_creation_input_tokens: 30,
        cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
      },
      {},
      '19',
    ),
    used('m', { input_tokens: 'many', output_tokens: -0.0, cache_creation: null }),
    used('m', null),
    used('unknown', { input_tokens: 1_000, output_tokens: 1 }, { costPico: null }),
    // Two attempts, both billed.
    made(
      day('21T10:00:00'),
      { model: 'twice', upstream: other.upstream.origin },
      {
        attempts: [
          attemptRecord({ key: 'x', usage: { input_tokens: 3, output_tokens: 4 }, costPico: '2', delivered: false }),
          attemptRecord({ key: 'y', usage: { input_tokens: 5, output_tokens: 6 }, costPico: '2' }),
        ],
      },
    ),
    { ...used('m', { input_tokens: 9 }), opened: { ...used('m', {}).opened, endpoint: 'count_tokens' } },
  ]);
});
afterAll(() => database.drop());

test('savings of each bucket, waste subtracted; a bucket may have lost money', async () => {
  const { buckets } = await readSavings(database.pools.analytics, { ...scope, ...timed });
  expect(
    buckets.map(({ at, requests, costUsd, syncCostUsd, savedUsd, wasteUsd, unpriced }) => [
      at.slice(11, 13),
      requests,
      costUsd,
      syncCostUsd,
      savedUsd,
      wasteUsd,
      unpriced,
    ]),
  ).toEqual([
    ['00', 0, '0', '0', '0', '0', 0],
    ['06', 21, '20', '20', '0', '0', 0],
    ['12', 10, '2.500000000012', '0.500000000012', '-2', '2', 1],
    ['18', 2, '9.5', '7', '-2.5', '3', 0],
  ]);
});

test('the buckets add up to the summary, to the picodollar', async () => {
  const [{ buckets }, summary] = await Promise.all([
    readSavings(database.pools.analytics, { ...scope, ...timed }),
    readSummary(database.pools.analytics, scope),
  ]);
  const pico = (usd: string) => {
    const [whole = '', fraction = ''] = usd.replace('-', '').split('.');
    return BigInt(whole + fraction.padEnd(12, '0')) * (usd.startsWith('-') ? -1n : 1n);
  };
  for (const name of ['costUsd', 'syncCostUsd', 'savedUsd', 'wasteUsd'] as const) {
    expect(buckets.reduce((sum, bucket) => sum + pico(bucket[name]), 0n)).toBe(pico(summary[name]));
  }
  expect(buckets.reduce((sum, { requests }) => sum + requests, 0)).toBe(summary.requests);
});

test('tokens of every attempt by kind, over time and by model', async () => {
  const { buckets, byModel } = await readTokens(database.pools.analytics, { ...other, ...timed });
  expect(buckets.map(({ tokens }) => Object.values(tokens))).toEqual([
    [0, 0, 0, 0, 0],
    [5 + 1_000 + 8, 7 + 1 + 10, 100, 11, 0],
    [0, 0, 0, 0, 0],
    [1, 2, 0, 10, 20],
  ]);
  expect(byModel).toEqual([
    {
      model: 'm',
      requests: 4,
      unpriced: 0,
      costUsd: '4',
      tokens: { input: 6, output: 9, cacheRead: 100, cacheWrite5m: 21, cacheWrite1h: 20 },
      pricedTokens: 156,
    },
    {
      model: 'twice',
      requests: 1,
      unpriced: 0,
      costUsd: '0.000000000004',
      tokens: { input: 8, output: 10, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
      pricedTokens: 18,
    },
    {
      model: 'unknown',
      requests: 1,
      unpriced: 1,
      costUsd: '0',
      tokens: { input: 1_000, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
      pricedTokens: 0,
    },
  ]);
});

test('nothing at all is an answer too', async () => {
  const none = { upstream: { origin: 'https://none.test', simulated: false }, range, ...timed };
  expect((await readTokens(database.pools.analytics, none)).byModel).toEqual([]);
  expect((await readSavings(database.pools.analytics, none)).buckets).toHaveLength(4);
});
