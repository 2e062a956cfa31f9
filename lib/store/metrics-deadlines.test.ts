import { afterAll, beforeAll, expect, test } from 'vitest';
import { day, made, range, scope } from '@/lib/testing/metric-sample';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { Ingest } from './ingest';
import { readSummary } from './metrics-summary';
import { readVolume } from './metrics-volume';

let database: TestDatabase;
const arrived = day('21T10:00:00');
const later = day('21T20:00:00');
/** Of the batch lane, to be answered within 10 s. */
const within10s = (at: Date, latencyMs: number | null, state: 'succeeded' | 'failed' | 'aborted' = 'succeeded') =>
  made(at, { model: 'a', lane: 'batch', deadlineAt: at.getTime() + 10_000 }, { attempts: [], latencyMs, state });

beforeAll(async () => {
  database = await testDatabase();
  await new Ingest(database.pools.hot).write([
    within10s(arrived, 9_000),
    // On the dot is in time, a moment later is not.
    within10s(arrived, 10_000),
    within10s(arrived, 10_001),
    within10s(later, 9_000),
    // A failure in time is no answer in time; what its caller gave up counts for neither.
    within10s(later, 1_000, 'failed'),
    within10s(later, 1_000, 'aborted'),
    // Without a deadline, and of the other lane.
    made(later, { model: 'a', lane: 'batch' }, { attempts: [], latencyMs: 5 }),
    made(later, { model: 'a', lane: 'sync', deadlineAt: later.getTime() + 1 }, { attempts: [], latencyMs: 5 }),
  ]);
});
afterAll(() => database.drop());

test('deadlines are kept by calls that succeed by them, of the batch lane alone', async () => {
  expect(await readSummary(database.pools.analytics, scope)).toMatchObject({ requests: 8, deadlines: 5, inTime: 3 });
});

test('each bucket has its own', async () => {
  const { buckets } = await readVolume(database.pools.analytics, { ...scope, range, bucket: '6h', timeZone: 'UTC' });
  expect(buckets.map(({ at, ...counts }) => counts)).toEqual([
    { requests: 0, errors: 0, batched: 0, deadlines: 0, inTime: 0 },
    { requests: 3, errors: 0, batched: 3, deadlines: 3, inTime: 2 },
    { requests: 0, errors: 0, batched: 0, deadlines: 0, inTime: 0 },
    { requests: 5, errors: 1, batched: 4, deadlines: 2, inTime: 1 },
  ]);
});
