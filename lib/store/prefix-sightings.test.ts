import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Uuid } from '@/lib/core/ids';
import type { Lane } from '@/lib/core/request-states';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { type PrefixSighting, PrefixSightings } from './prefix-sightings';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database?.drop());
beforeEach(async () => {
  await database.pools.hot`truncate prefix_sightings, prefix_shares`;
});

const process = (writer: string, upstreamId = 1) => new PrefixSightings(database.pools.hot, upstreamId, writer);

function sighting(answeredAt: number, ttl: '5m' | '1h' = '5m', lane: Lane = 'sync'): PrefixSighting {
  return {
    id: randomUUID() as Uuid,
    call: { scope: 'scope', hashes: ['a', 'ab'], ttl, session: 'me' },
    outcome: { lane, arrivedAt: answeredAt - 2_000, answeredAt, read: 90, written: 10 },
  };
}

it('tells every other process once, in its own clock, and never the one that said it', async () => {
  const one = process('one');
  const other = process('other');
  const mine = sighting(1_000_000);
  await one.write([mine], 1_003_000);
  await one.write([mine], 1_003_500);
  expect(await one.readNew(0)).toEqual([]);
  // The other clock is a day ahead.
  const [heard, ...more] = await other.readNew(86_400_000 + 1_003_000);
  expect(more).toEqual([]);
  expect(heard?.call).toEqual(mine.call);
  expect(heard?.outcome.read).toBe(90);
  expect(Math.abs((heard?.outcome.answeredAt ?? 0) - 87_400_000)).toBeLessThan(2_000);
  expect((heard?.outcome.answeredAt ?? 0) - (heard?.outcome.arrivedAt ?? 0)).toBeCloseTo(2_000, 0);

  expect(await other.readNew(0)).toEqual([]);
  const late = sighting(1_002_000);
  await one.write([late], 1_004_000);
  expect((await other.readNew(0)).map(({ id }) => id)).toEqual([late.id]);
});

it('tells which lane used it', async () => {
  await process('one').write([sighting(0, '5m', 'batch')], 0);
  expect((await process('other').readNew(0)).map(({ outcome }) => outcome.lane)).toEqual(['batch']);
});

it('keeps upstreams apart', async () => {
  await process('one', 1).write([sighting(0)], 0);
  expect(await process('other', 2).readNew(0)).toEqual([]);
});

it('forgets what the cache has forgotten, and nothing sooner', async () => {
  const one = process('one');
  const kinds = { young: '4 minutes', over: '7 minutes', old: '20 minutes', ancient: '62 minutes' };
  const rows: [string, '5m' | '1h', keyof typeof kinds][] = [];
  for (const ttl of ['5m', '1h'] as const) {
    for (const age of ['young', 'over', 'ancient'] as const) {
      const each = sighting(0, ttl);
      await one.write([each], 0);
      await database.pools
        .hot`update prefix_sightings set noted_at = now() - ${kinds[age]}::interval where id = ${each.id}`;
      rows.push([each.id, ttl, age]);
    }
  }
  await one.purge();
  const left = await database.pools.hot<{ id: string }[]>`select id from prefix_sightings`;
  const kept = rows.filter(([id]) => left.some((row) => row.id === id)).map(([, ttl, age]) => `${ttl} ${age}`);
  expect(kept).toEqual(['5m young', '1h young', '1h over']);
});

it('keeps the shares of each scope as they were last said', async () => {
  const one = process('one');
  const shares = (part: number) => ({
    syncRead: [part, 100, 30] as const,
    batchRead: [0, 0, 0] as const,
    neededRefresh: [1.5, 2, 2] as const,
  });
  await one.writeShares(
    new Map([
      ['b', shares(1)],
      ['a', shares(2)],
    ]),
  );
  await one.writeShares(new Map([['a', shares(3)]]));
  expect(await process('other').readShares()).toEqual(
    new Map([
      ['a', shares(3)],
      ['b', shares(1)],
    ]),
  );
  expect(await process('other', 2).readShares()).toEqual(new Map());
});
