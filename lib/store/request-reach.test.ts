import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY_MS } from '@/lib/core/duration';
import { parseRequestId, requestId, type Uuid } from '@/lib/core/ids';
import { closedRecord, openedRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { Ingest } from './ingest';
import type { LoggedRequest } from './log-row';
import type { RequestFilter } from './request-filter';
import { parseSearch } from './request-search';
import { listRequests } from './requests';
import { Roller } from './rollups/roller';
import { synthKeys } from './synth/synth-keys';

const FROM = Date.UTC(2026, 10, 10);
const DAYS = 8;
const upstream = { origin: 'https://api.test', simulated: false };
const none: RequestFilter = {
  range: { from: new Date(FROM + 3_600_000 * 5 + 12_345), to: new Date(FROM + DAYS * DAY_MS - 7_654_321) },
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
const log: (LoggedRequest & { key: string | null })[] = [];

beforeAll(async () => {
  database = await testDatabase();
  const { hot, rollups } = database.pools;
  const keys = [...(await synthKeys(hot, ['nightly', 'daily']))];
  const at = (part: number) => FROM + Math.floor(part * DAYS * DAY_MS);
  const draw = seeded(11);
  for (let i = 0; i < 600; i++) {
    const pick = <T>(...all: T[]) => all[Math.floor(draw() * all.length)] as T;
    const rare = draw() < 0.01;
    const [key, keyId] = pick<readonly [string | null, Uuid | null]>([null, null], ...keys);
    const opened = openedRecord({
      arrivedAt: at(draw()),
      upstream: upstream.origin,
      simulated: false,
      keyId,
      model: rare ? 'claude-rare' : pick('claude-haiku', 'claude-opus', null),
      lane: pick('sync', 'batch'),
      rule: pick('default', 'evals', 'evening'),
      tags: rare ? { team: 'rare' } : pick<Record<string, string>>({}, { team: 'a' }, { team: 'b', job: 'x' }),
      endpoint: draw() < 0.05 ? 'count_tokens' : 'messages',
    });
    const state = draw() < 0.02 ? 'interrupted' : pick('succeeded', 'succeeded', 'failed');
    const errorType = state === 'failed' ? pick('overloaded_error', 'api_error') : null;
    log.push({ opened, key, closed: closedRecord(opened, { state, errorType }) });
  }
  await new Ingest(hot).write(log);
  const roller = new Roller({ sql: rollups, now: () => FROM + DAYS * DAY_MS, monotonic: () => performance.now() });
  while ((await roller.turn()) > 0);
  // What came last is in no rollup yet.
  const late = openedRecord({ arrivedAt: at(0.4), upstream: upstream.origin, simulated: false, model: 'claude-late' });
  log.push({ opened: late, key: null, closed: closedRecord(late, { state: 'refused', errorType: 'zebra_error' }) });
  await new Ingest(hot).write(log.slice(-1));
  log.sort((a, b) => (a.opened.id < b.opened.id ? 1 : -1));
});
afterAll(() => database.drop());

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The same by arithmetic. */
function expected({
  range,
  models,
  lanes,
  rules,
  keys,
  tags,
  states,
  served,
  errors,
  endpoints,
  search,
}: RequestFilter): string[] {
  const named = (all: readonly string[], value: string | null) =>
    all.length === 0 ||
    all.some((one) => (one.endsWith('*') ? value?.startsWith(one.slice(0, -1)) : value === one) ?? false);
  const prefix = search?.kind === 'text' ? search.prefix : null;
  return log
    .filter(({ opened, closed, key }) => {
      const inRange = opened.arrivedAt >= range.from.getTime() && opened.arrivedAt < range.to.getTime();
      const tagged =
        tags.length === 0 || tags.some((tag) => Object.entries(opened.tags).some((one) => one.join('=') === tag));
      const found =
        prefix === null ||
        [
          ...[opened.model, opened.rule, key, closed.errorType],
          ...Object.entries(opened.tags).flatMap(([name, value]) => [value, `${name}=${value}`]),
        ].some((name) => name?.startsWith(prefix));
      return (
        inRange &&
        tagged &&
        found &&
        (endpoints.length === 0 ? ['messages'] : (endpoints as readonly string[])).includes(opened.endpoint) &&
        (states.length === 0 || (states as readonly string[]).includes(closed.state)) &&
        (lanes.length === 0 || lanes.includes(opened.lane)) &&
        (served.length === 0 || (served as readonly (string | null)[]).includes(closed.servedBy)) &&
        (errors.length === 0 || errors.includes(closed.errorType ?? '')) &&
        named(models, opened.model) &&
        named(rules, opened.rule) &&
        named(keys, key)
      );
    })
    .map(({ opened }) => requestId(opened.id));
}

async function listed(filter: RequestFilter, limit: number): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: Uuid | null = null; ; ) {
    const page = { cursor, limit };
    const { rows, nextCursor } = await listRequests(database.pools.analytics, { upstream, filter, open: [], page });
    expect(rows.length).toBeLessThanOrEqual(limit);
    ids.push(...rows.map(({ id }) => id));
    if (nextCursor === null) return ids;
    const next = parseRequestId(nextCursor);
    expect(next !== null && (cursor === null || next < cursor)).toBe(true);
    cursor = next;
  }
}

const some = <T>(...all: T[]) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray(all, { maxLength: 2 }) });
const filters = fc.record<RequestFilter>({
  range: fc.constantFrom(none.range, { from: new Date(FROM), to: new Date(FROM + DAYS * DAY_MS) }),
  models: some('claude-haiku', 'claude-rare', 'claude-*', 'claude-late', 'nobody'),
  lanes: some('sync', 'batch'),
  rules: some('default', 'eve*', 'nothing'),
  keys: some('nightly', 'dai*', 'nokey'),
  tags: some('team=a', 'team=rare', 'team=nobody', 'job=x', 'unknown=x'),
  states: some('succeeded', 'failed', 'interrupted', 'refused'),
  served: some('sync', 'batch'),
  errors: some('overloaded_error', 'zebra_error', 'nothing'),
  endpoints: some('messages', 'count_tokens'),
  search: fc.constantFrom(
    null,
    null,
    ...['eve', 'over', 'claude-r', 'night', 'zebra', 'zz', 'rar', 'team=b'].map(parseSearch),
  ),
});

test('page by page, whatever is filtered by, the list is all that matches, newest first, once', async () => {
  await fc.assert(
    fc.asyncProperty(filters, fc.constantFrom(25, 100, 500), async (filter, limit) => {
      expect(await listed(filter, limit)).toEqual(expected(filter));
    }),
    { numRuns: 30 },
  );
});

test('what nearly no request has is found, wherever it is', async () => {
  for (const over of [
    { models: ['claude-rare'] },
    { tags: ['team=rare'] },
    { states: ['interrupted' as const] },
    { models: ['claude-late'] },
    { search: parseSearch('zebra') },
    { endpoints: ['count_tokens' as const] },
  ]) {
    const filter = { ...none, ...over };
    expect(expected(filter).length).toBeGreaterThan(0);
    expect(await listed(filter, 50)).toEqual(expected(filter));
  }
});
