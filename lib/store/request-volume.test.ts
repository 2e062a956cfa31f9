import { afterAll, beforeAll, expect, test } from 'vitest';
import { range, upstream, writeMetricSample } from '@/lib/testing/metric-sample';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import type { RequestFilter } from './request-filter';
import { readFilteredVolume } from './request-volume';
import { listRequests } from './requests';
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

const volume = (over: Partial<RequestFilter>) =>
  readFilteredVolume(database.pools.analytics, {
    upstream,
    filter: { ...ALL, ...over },
    bucket: '1h',
    timeZone: 'UTC',
  });

/** The same from the list itself, hour by hour. */
async function listed(over: Partial<RequestFilter>) {
  const { rows } = await listRequests(database.pools.analytics, {
    upstream,
    filter: { ...ALL, ...over },
    open: [],
    page: { cursor: null, limit: 500 },
  });
  const hours = new Map<string, { requests: number; errors: number }>();
  for (const { arrivedAt, state } of rows) {
    const at = `${arrivedAt.slice(0, 13)}:00:00.000Z`;
    const { requests, errors } = hours.get(at) ?? { requests: 0, errors: 0 };
    const isError = ['failed', 'refused', 'interrupted'].includes(state);
    hours.set(at, { requests: requests + 1, errors: errors + Number(isError) });
  }
  return hours;
}

const FILTERS: readonly [string, Partial<RequestFilter>, 'all' | 'newest'][] = [
  ['nothing', {}, 'all'],
  ['models', { models: ['a', 'c*'] }, 'all'],
  ['states', { states: ['failed', 'aborted'] }, 'all'],
  ['a state that is not over', { states: ['waiting'] }, 'all'],
  ['a lane', { lanes: ['batch'] }, 'all'],
  ['a key', { keys: ['__proto__'] }, 'all'],
  ['a rule', { rules: ['default'] }, 'all'],
  ['a tag', { tags: ['team=x'] }, 'newest'],
  ['who answered', { served: ['batch'] }, 'newest'],
  ['a name', { search: { kind: 'text', prefix: 'a' } }, 'newest'],
  ['what there is none of', { search: { kind: 'text', prefix: 'zzz' } }, 'newest'],
];

async function expectSameAsTheList(): Promise<void> {
  for (const [, over, basis] of FILTERS) {
    const counted = await volume(over);
    const hours = await listed(over);
    expect([over, counted.basis, counted.since]).toEqual([over, basis, null]);
    const shown = counted.buckets.filter(({ requests }) => requests > 0);
    expect(new Map(shown.map(({ at, ...counts }) => [at, counts]))).toEqual(new Map([...hours].sort()));
    expect(counted.requests).toBe([...hours.values()].reduce((sum, { requests }) => sum + requests, 0));
  }
}

test('counts what the list shows, before and after it is rolled up', async () => {
  await expectSameAsTheList();
  const now = range.to.getTime() + 3 * 86_400_000;
  const roller = new Roller({ sql: database.pools.rollups, now: () => now, monotonic: () => performance.now() });
  while ((await roller.turn()) > 0);
  await expectSameAsTheList();
});
