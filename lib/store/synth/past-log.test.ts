import { afterEach, expect, test } from 'vitest';
import { traffic } from '@/lib/core/synth/traffic';
import { Ingest } from '@/lib/store/ingest';
import type { LoggedRequest } from '@/lib/store/log-row';
import { dayOf } from '@/lib/store/partitions';
import { loadPriceBook, seedShippedPrices } from '@/lib/store/prices';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { PastLog } from './past-log';
import { synthKeys } from './synth-keys';

const FROM = Date.UTC(2026, 9, 30);
const HOSTILE = 'tab\tline\nreturn\rback\\slash \\N \\. "quote" \0 \ud800 ünï';

const databases: TestDatabase[] = [];
afterEach(() => Promise.all(databases.splice(0).map((database) => database.drop())));

async function prepared() {
  const database = await testDatabase();
  databases.push(database);
  await seedShippedPrices(database.pools.admin);
  const book = await loadPriceBook(database.pools.admin);
  const keys = await synthKeys(database.pools.hot, ['synth-developers', 'synth-support', 'synth-evals']);
  return { sql: database.pools.hot, book, keys };
}

/** Two days over the end of a month, with what clients may write into names. */
function twoDays(options: Pick<Awaited<ReturnType<typeof prepared>>, 'book' | 'keys'>): LoggedRequest[] {
  const parts = traffic({ requests: 1_500, seed: 3, from: FROM, to: FROM + 3 * 86_400_000, ...options }, 400);
  const all = [...parts].flatMap(({ requests }) => requests);
  return all.map(({ opened, closed }, i) =>
    i % 50 === 0
      ? {
          opened: { ...opened, model: HOSTILE, tags: { team: HOSTILE }, sessionId: HOSTILE, endpoint: 'count_tokens' },
          closed: { ...closed, errorType: HOSTILE },
        }
      : { opened, closed },
  );
}

/** Everything that a log consists of, in one order, without what every database draws for itself. */
async function contents({ sql, keys }: Awaited<ReturnType<typeof prepared>>) {
  const name = new Map([...keys].map(([of, id]) => [id as string, of]));
  const named = (rows: readonly { key_id?: string | null }[]) =>
    rows.map((row) => ({ ...row, key_id: row.key_id ? name.get(row.key_id) : row.key_id }));
  return {
    requests: named(await sql`select * from requests order by id`),
    attempts: await sql`select * from attempts order by request_id, key`,
    marks: await sql`select distinct upstream_id, grain, at from rollup_marks order by 1, 2, 3`,
    spend: named(await sql`select * from key_spend`).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    used: await sql`select name, last_used_at from keys order by name`,
    upstreams: await sql`select origin, simulated, served_at is not null as served from upstreams`,
    indexes: await sql`select tablename, indexdef from pg_indexes where tablename like '%\\_2026____' order by 1, 2`,
    partitions: await sql`select inhrelid::regclass::text as name from pg_inherits order by 1`,
  };
}

async function writeByDay(past: PastLog, log: readonly LoggedRequest[]): Promise<number> {
  let told = 0;
  const dayOfOne = ({ opened }: LoggedRequest) => dayOf(opened.arrivedAt);
  for (const day of new Set(log.map(dayOfOne))) {
    const ofDay = log.filter((one) => dayOfOne(one) === day);
    const parts = [ofDay.slice(0, 200), ofDay.slice(200)];
    await past.writeDay(day, parts, (requests) => {
      told += requests;
    });
  }
  return told;
}

test('a past that is written by the day is the log that ingest would have written, row for row', async () => {
  const byRow = await prepared();
  const byDay = await prepared();
  await new Ingest(byRow.sql, true).write(twoDays(byRow));
  expect(await writeByDay(new PastLog(byDay.sql), twoDays(byDay))).toBe(1_500);
  const [expected, made] = [await contents(byRow), await contents(byDay)];
  const plain = (indexes: readonly Record<string, unknown>[]) => indexes.map(({ tablename }) => tablename);
  expect({ ...made, indexes: plain(made.indexes) }).toEqual({ ...expected, indexes: plain(expected.indexes) });
  expect(made.requests).toHaveLength(1_500);
});

test('days that are in the log already are added to, and written twice they change nothing', async () => {
  const database = await prepared();
  const log = twoDays(database);
  const some = log.filter((_, i) => i % 3 === 0);
  await new Ingest(database.sql, true).write(some);
  await writeByDay(new PastLog(database.sql), log);
  const first = await contents(database);
  expect(first.requests).toHaveLength(log.length);
  await writeByDay(new PastLog(database.sql), log);
  expect(await contents(database)).toEqual(first);
});

test('a day that fails on the way leaves nothing behind', async () => {
  const database = await prepared();
  const log = twoDays(database).filter(({ opened }) => dayOf(opened.arrivedAt) === dayOf(FROM));
  const broken = function* () {
    yield log.slice(0, 100);
    throw new Error('the process died');
  };
  const past = new PastLog(database.sql);
  await expect(past.writeDay(dayOf(FROM), broken(), () => undefined)).rejects.toThrow('died');
  expect(await contents(database)).toMatchObject({ requests: [], attempts: [], marks: [], spend: [], partitions: [] });
  await past.writeDay(dayOf(FROM), [log], () => undefined);
  expect((await contents(database)).requests).toHaveLength(log.length);
});
