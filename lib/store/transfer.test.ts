import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertBatches } from '@/lib/testing/batch-rows';
import { cost, day, made, scope, writeMetricSample } from '@/lib/testing/metric-sample';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { Ingest } from './ingest';
import { readSummary } from './metrics-summary';
import { seedShippedPrices } from './prices';
import { Roller } from './rollups/roller';
import { exportTo, importFrom, linesOf } from './transfer';
import { upstreamNumber } from './upstreams';

let from: TestDatabase;
let to: TestDatabase;
beforeAll(async () => {
  [from, to] = await Promise.all([testDatabase(), testDatabase()]);
  await writeMetricSample(from);
  await seedShippedPrices(from.pools.admin);
  // What its target has already gives way.
  await seedShippedPrices(to.pools.admin);
  const at = day('21T14:00:00').getTime();
  const upstreamId = await upstreamNumber(from.pools.hot, scope.upstream.origin, scope.upstream.simulated);
  await insertBatches(from.pools.hot, [
    { upstreamId, createdAt: at, upstreamCreatedAt: at, endedAt: at + 60_000, closedAt: at + 61_000 },
  ]);
  const hostile = 'a\u2028b\\.\n\\N\r\t"\u0001é';
  await new Ingest(from.pools.hot).write([
    made(day('21T14:00:00'), { model: hostile, tags: { x: hostile, y: '\\.' } }, cost('4')),
  ]);
});
afterAll(() => Promise.all([from.drop(), to.drop()]));

async function exported(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await exportTo(from.pools.rollups, async (chunk) => {
    chunks.push(Buffer.from(chunk));
  });
  return Buffer.concat(chunks);
}
/** In pieces that end anywhere. */
async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 997) yield bytes.subarray(at, at + 997);
}
const importing = (bytes: Buffer) => importFrom(to.pools.rollups, linesOf(inPieces(bytes)));

test('another database has every row afterwards, rollups and marks too', async () => {
  const roller = new Roller({ sql: from.pools.rollups, now: () => Date.now(), monotonic: () => performance.now() });
  await roller.turn(1);
  const bytes = await exported();
  await expect(importing(bytes.subarray(0, bytes.length - 40))).rejects.toThrow(/short/);
  await importing(bytes);
  for (const table of [
    'requests',
    'attempts',
    'keys',
    'prices',
    'upstreams',
    'rollup_marks',
    'rollup_money',
    'batches',
  ]) {
    const rows = (database: TestDatabase) =>
      database.pools
        .hot`select md5(string_agg(t::text, ';' order by t::text)), count(*) from ${database.pools.hot(table)} t`;
    expect([table, ...(await rows(to))]).toEqual([table, ...(await rows(from))]);
  }
  expect(await readSummary(to.pools.analytics, scope)).toEqual(await readSummary(from.pools.analytics, scope));
});

test('numbers go on after those that came; a database in use is left alone', async () => {
  await new Ingest(to.pools.hot).write([made(day('23T00:00:00'), { upstream: 'https://new.test' }, cost('1'))]);
  await expect(importing(await exported())).rejects.toThrow(/in use/);
  await expect(importing(Buffer.from('{"offpeak":"export","migrations":[],"days":[]}\n'))).rejects.toThrow(/version/);
});
