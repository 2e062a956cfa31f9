import { afterAll, beforeAll, expect, test } from 'vitest';
import { range, upstream, writeMetricSample } from '@/lib/testing/metric-sample';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { readFacets } from './request-facets';
import type { RequestFilter } from './request-filter';
import { Roller } from './rollups/roller';

const ALL: RequestFilter = {
  range,
  models: [],
  lanes: [],
  rules: [],
  keys: [],
  tags: [],
  states: [],
  served: [],
  errors: [],
  endpoints: [],
  search: null,
};

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await writeMetricSample(database);
});
afterAll(() => database.drop());

const facets = (over: Partial<RequestFilter> = {}) =>
  readFacets(database.pools.analytics, upstream, { ...ALL, ...over });
const counts = ({ values }: { values: { value: string; requests: number }[] }) =>
  Object.fromEntries(values.map(({ value, requests }) => [value, requests]));

async function expectCounts(): Promise<void> {
  const all = await facets();
  expect(Object.values(all).map((facet) => [facet?.basis, facet?.requests])).toEqual(Array(6).fill(['all', 31]));
  expect(counts(all.model)).toEqual({ a: 23, b: 6, c: 1 });
  expect(counts(all.lane)).toEqual({ sync: 27, batch: 4 });
  expect(counts(all.key)).toEqual(Object.fromEntries([['__proto__', 20]]));
  expect(counts(all.status)).toEqual({ succeeded: 27, failed: 1, aborted: 1, interrupted: 1, refused: 1 });
  expect(counts(all.tag)).toEqual({ 'team=x': 20 });
  // A facet is not narrowed by its own filter: it shows what else there is to choose.
  const narrowed = await facets({ models: ['a*'], states: ['succeeded'] });
  expect([counts(narrowed.model), counts(narrowed.lane)]).toEqual([{ a: 20, b: 6, c: 1 }, { sync: 20 }]);
  expect(counts(narrowed.status)).toEqual({ succeeded: 20, failed: 1, aborted: 1, interrupted: 1 });
  expect(narrowed.tag).toEqual({ basis: 'newest', requests: 20, values: [{ value: 'team=x', requests: 20 }] });
}

test('counts of everything, before and after it is rolled up', async () => {
  await expectCounts();
  const now = range.to.getTime() + 3 * 86_400_000;
  const roller = new Roller({ sql: database.pools.rollups, now: () => now, monotonic: () => performance.now() });
  while ((await roller.turn()) > 0);
  await expectCounts();
});

test('what rollups do not know is counted over the newest matches, and it says so', async () => {
  const tagged = await facets({ tags: ['team=x'] });
  expect(Object.values(tagged).map((facet) => [facet?.basis, facet?.requests])).toEqual(Array(6).fill(['newest', 20]));
  const counted = await facets({ endpoints: ['count_tokens'] });
  expect(counted.model).toEqual({ basis: 'newest', requests: 1, values: [{ value: 'a', requests: 1 }] });
  const { error } = await readFacets(database.pools.analytics, upstream, ALL, ['error']);
  expect(error).toEqual({ basis: 'newest', requests: 31, values: [] });
  expect(await facets()).not.toHaveProperty('error');
  const { served } = await readFacets(database.pools.analytics, upstream, { ...ALL, models: ['b'] }, ['served']);
  expect(served?.requests).toBe(6);
  expect(served?.values.reduce((sum, { requests }) => sum + requests, 0)).toBe(6);
  const none = await facets({ search: { kind: 'text', prefix: 'zzz' } });
  expect(none.lane).toEqual({ basis: 'newest', requests: 0, values: [] });
});
