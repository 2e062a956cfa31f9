import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Uuid } from '@/lib/core/ids';
import { PrefixSightings } from '@/lib/store/prefix-sightings';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { PrefixWatch } from './prefix-watch';
import { SharedPrefixes } from './shared-prefixes';

let database: TestDatabase;
let now = 1_000_000;
let writers = 0;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database?.drop());
beforeEach(async () => {
  await database.pools.hot`truncate prefix_sightings, prefix_shares`;
});

/** A process on the database; `isAway`: it does not reach it. */
function process() {
  const store = new PrefixSightings(database.pools.hot, 1, `process ${writers++}`);
  const state = { isAway: false, errors: 0 };
  const reach = <A extends unknown[], R>(run: (...asked: A) => Promise<R>) => {
    return (...asked: A): Promise<R> => (state.isAway ? Promise.reject(new Error('away')) : run(...asked));
  };
  const prefixes = new SharedPrefixes({
    watch: new PrefixWatch(),
    store: {
      write: reach((sightings, at) => store.write(sightings, at)),
      readNew: reach((at) => store.readNew(at)),
      purge: reach(() => store.purge()),
      readShares: reach(() => store.readShares()),
      writeShares: reach((shares) => store.writeShares(shares)),
    },
    now: () => now,
    onError: () => {
      state.errors++;
    },
  });
  return { prefixes, state };
}

const SECRET = 'the text of the prompt';
const BODY = { system: [{ type: 'text', text: SECRET, cache_control: { type: 'ephemeral' } }] };
const BYTES = Buffer.from(JSON.stringify(BODY));
const OWNER = { credential: 'key:default', model: 'claude-haiku-5-5', keyId: 'k', session: 'session-of-a-user' };

const look = (prefixes: SharedPrefixes) => prefixes.arrived(OWNER, BYTES, BODY, now);

function call(prefixes: SharedPrefixes): void {
  const watched = look(prefixes);
  const isWarm = watched?.isWarm ?? false;
  const used = {
    lane: 'sync',
    arrivedAt: now,
    answeredAt: now,
    read: isWarm ? 90 : 0,
    written: isWarm ? 10 : 100,
  } as const;
  if (watched) prefixes.answered(randomUUID() as Uuid, watched, used);
  now += 1_000;
}

it('a second process knows what the first one has seen, and a restarted one too, shares included', async () => {
  const first = process();
  const second = process();
  await Promise.all([first.prefixes.refresh(), second.prefixes.refresh()]);
  for (let i = 0; i < 25; i++) call(first.prefixes);
  expect(look(second.prefixes)?.isWarm).toBe(false);
  await first.prefixes.stop();
  const seen = look(first.prefixes)?.state;
  expect(seen?.syncReadShare).toBeCloseTo(0.9, 9);
  expect(seen?.neededRefreshShare).not.toBeNull();

  await second.prefixes.refresh();
  await second.prefixes.stop();
  for (const { prefixes } of [second, process()]) {
    await prefixes.refresh();
    const watched = look(prefixes);
    expect(watched?.isWarm).toBe(true);
    expect(watched?.state.syncReadShare).toBeCloseTo(0.9, 9);
    expect(watched?.state.neededRefreshShare).toBeCloseTo(seen?.neededRefreshShare ?? 0, 1);
    expect(Math.abs((watched?.state.lastSyncAt ?? 0) - (seen?.lastSyncAt ?? 0))).toBeLessThan(2_000);
  }
  const [stored] = await database.pools.hot<{ text: string }[]>`
    select (select json_agg(s)::text from prefix_sightings s) || (select json_agg(s)::text from prefix_shares s) as text`;
  for (const secret of [SECRET, OWNER.session, OWNER.model, OWNER.credential])
    expect(stored?.text).not.toContain(secret);
});

it('shares outlive the sightings that they were measured by', async () => {
  const first = process();
  for (let i = 0; i < 25; i++) call(first.prefixes);
  await first.prefixes.stop();
  await database.pools.hot`truncate prefix_sightings`;
  const next = process();
  await next.prefixes.refresh();
  const watched = look(next.prefixes);
  expect(watched?.isWarm).toBe(false);
  expect(watched?.state.syncReadShare).toBeCloseTo(0.9, 9);
});

it('with the database away every process goes on alone, and tells later what it saw', async () => {
  const first = process();
  const second = process();
  first.state.isAway = true;
  await first.prefixes.refresh();
  call(first.prefixes);
  await first.prefixes.write();
  expect(look(first.prefixes)?.isWarm).toBe(true);
  expect(first.state.errors).toBe(2);

  first.state.isAway = false;
  await first.prefixes.refresh();
  await first.prefixes.stop();
  await second.prefixes.refresh();
  expect(look(second.prefixes)?.isWarm).toBe(true);
});
