import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Uuid } from '@/lib/core/ids';
import { nextId } from '@/lib/testing/lane/lane-items';
import { writeItem } from '@/lib/testing/lane-rows';
import { attemptRecord, closedRecord, openedRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { Ingest } from './ingest';
import { readProbeReports } from './probe-reports';
import { claimProbe, type ProbeAsk, readProbeSettings, setProbeSettings, spentOn } from './probes';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const HOUR = 3_600_000;
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database?.drop());
beforeEach(async () => {
  await database.pools.hot`truncate probes, batches, items`;
});

const ask = (now: number, over: Partial<ProbeAsk> = {}): ProbeAsk => ({
  intervalMs: HOUR,
  dailyCapPico: 1_000n,
  models: ['a', 'b'].map((model) => ({ model, batchPico: 10n, syncPico: 20n })),
  id: nextId(now),
  syncId: nextId(now),
  now,
  ...over,
});
const claim = (given: ProbeAsk, upstreamId = 1) => claimProbe(database.pools.lane, upstreamId, given);

async function batch(model: string, createdAt: number, upstreamId = 1): Promise<void> {
  const id = nextId(createdAt);
  await database.pools.hot`
    insert into batches (id, upstream_id, state, nonce, credential, group_key, headers, model, size_class, items, bytes, created_at)
    values (${id}, ${upstreamId}, 'open', ${id}, 'key:default', 'g', '[]', ${model}, 'small', 1, 1, ${new Date(createdAt)})`;
}

async function log(id: Uuid, costPico: string | null, state: 'succeeded' | 'interrupted' = 'succeeded'): Promise<void> {
  const attempts = costPico === null ? [] : [attemptRecord({ key: `msg_${id}`, costPico, delivered: false })];
  const opened = openedRecord({ id });
  await new Ingest(database.pools.hot).write([{ opened, closed: closedRecord(opened, { state, attempts }) }]);
}

describe('a claim', () => {
  it('is made once per model and interval, the one probed longest ago first', async () => {
    expect(await claim(ask(NOON))).toBe('a');
    expect(await claim(ask(NOON + 1))).toBe('b');
    expect(await claim(ask(NOON + 2))).toBeNull();
    expect(await claim(ask(NOON + HOUR - 1))).toBeNull();
    expect(await claim(ask(NOON + HOUR))).toBe('a');
    expect(await claim(ask(NOON + HOUR + 1))).toBe('b');
  });

  it('is made by one of many processes', async () => {
    const one = { models: [{ model: 'a', batchPico: 1n, syncPico: 1n }] };
    const claims = await Promise.all(Array.from({ length: 20 }, () => claim(ask(NOON, one))));
    expect(claims.filter((model) => model !== null).length).toBeLessThanOrEqual(1);
    await claim(ask(NOON, one));
    const rows = await database.pools.hot`select 1 from probes`;
    expect(rows).toHaveLength(1);
  });

  it('is not made of a model that had a batch meanwhile, of this upstream', async () => {
    await batch('a', NOON - HOUR + 1);
    await batch('b', NOON - HOUR + 1, 2);
    expect(await claim(ask(NOON))).toBe('b');
    expect(await claim(ask(NOON + 1))).toBe('a');
  });

  it('is not made while an earlier probe is still queued', async () => {
    const opened = openedRecord({ arrivedAt: NOON - 5 * HOUR });
    await writeItem(database.pools.hot, { ...opened, model: 'a' }, { state: 'queued', answerBy: NOON + HOUR });
    await database.pools.hot`update items set probe = true`;
    expect(await claim(ask(NOON))).toBe('b');
    expect(await claim(ask(NOON + 1))).toBeNull();
    await database.pools.hot`update items set state = 'batched'`;
    expect(await claim(ask(NOON + 2))).toBe('a');
  });

  it('is never made beyond the day’s cap, and begins anew at midnight UTC', async () => {
    const tight = { intervalMs: 60_000, dailyCapPico: 95n };
    const made = [];
    for (let i = 0; i < 8; i++) made.push(await claim(ask(NOON + i * 60_000, tight)));
    expect(made.filter((model) => model !== null)).toHaveLength(3);
    expect(await claim(ask(NOON + 12 * HOUR - 1, tight))).toBeNull();
    expect(await claim(ask(NOON + 12 * HOUR, tight))).not.toBeNull();
  });

  it('finds room for a cheaper model when the dearer one has none', async () => {
    const models = [
      { model: 'dear', batchPico: 500n, syncPico: 600n },
      { model: 'cheap', batchPico: 1n, syncPico: 1n },
    ];
    expect(await claim(ask(NOON, { models }))).toBe('cheap');
    expect(await claim(ask(NOON + 1, { models }))).toBeNull();
  });
});

it('spend is what was booked, and the worst of what is not known yet', async () => {
  const first = ask(NOON);
  const second = ask(NOON + 1);
  expect([await claim(first), await claim(second)]).toEqual(['a', 'b']);
  const spent = () => spentOn(database.pools.hot, 1, NOON);
  expect(await spent()).toEqual({ bookedPico: 0n, heldPico: 60n });
  await log(first.syncId, '7');
  expect(await spent()).toEqual({ bookedPico: 7n, heldPico: 40n });
  await log(first.id, '3');
  expect(await spent()).toEqual({ bookedPico: 10n, heldPico: 30n });
  // Refused: it cost nothing. Interrupted: nobody knows.
  await log(second.id, null);
  await log(second.syncId, null, 'interrupted');
  expect(await spent()).toEqual({ bookedPico: 10n, heldPico: 20n });
  expect(await spentOn(database.pools.hot, 2, NOON)).toEqual({ bookedPico: 0n, heldPico: 0n });

  const reports = await readProbeReports(database.pools.hot, 1, ['a', 'b', 'c']);
  expect(reports.get('a')?.last).toMatchObject({ id: first.id, at: NOON, state: 'succeeded', syncState: 'succeeded' });
  expect(reports.get('b')?.last).toMatchObject({ id: second.id, syncState: 'interrupted' });
  expect(reports.get('c')).toEqual({ model: 'c', lastBatchAt: null, last: null });
});

it('settings are kept as they were set', async () => {
  const { admin } = database.pools;
  expect(await readProbeSettings(admin)).toMatchObject({ enabled: false, models: [], author: null });
  const stored = {
    enabled: true,
    intervalMs: HOUR,
    models: ['a'],
    dailyCapPico: 12_345_678_901_234_567n,
    author: 'me',
    updatedAt: new Date(NOON).toISOString(),
  };
  await setProbeSettings(admin, stored);
  await setProbeSettings(admin, { ...stored, models: ['a', 'b'] });
  expect(await readProbeSettings(admin)).toEqual({ ...stored, models: ['a', 'b'] });
});
