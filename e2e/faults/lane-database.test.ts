import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, type LaneFleet, startLaneFleet, upstreamItems } from '@/e2e/lane/lane-fleet';
import { waitFor } from '@/e2e/process/wait-for';
import '@/e2e/process/patience';

const CALLERS = 20;

let fleet: LaneFleet;
beforeEach(async () => {
  fleet = await startLaneFleet({ faultyDatabase: true });
  await fleet.publish({ default: { lane: 'batch', window: '100ms', deadline: '1h' } });
});
afterEach(() => fleet?.close());

const create = (word: string) => fleet.client().messages.create(ask(word)).withResponse();
const createAll = () => Array.from({ length: CALLERS }, (_, i) => create(`caller ${i}`));
const sql = () => fleet.gateway.database.pools.hot;
const batched = () => waitFor('every call upstream', () => upstreamItems(fleet) === CALLERS);

/** Every caller has its answer out of a batch, and upstream was sent and has billed each call once. */
async function expectOnce(calls: readonly ReturnType<typeof create>[]): Promise<void> {
  const answers = await Promise.all(calls);
  expect(answers.map(({ data }) => data.usage.service_tier)).toEqual(calls.map(() => 'batch'));
  expect(upstreamItems(fleet)).toBe(calls.length);
  const billed = fleet.simulator.ledger().entries.filter((entry) => entry.billed);
  expect(billed.map(({ kind }) => kind)).toEqual(calls.map(() => 'batch'));
}

// Raised inside Postgres: no file system of a size of its own can be made without privileges.
async function fullDisk(table: string, event: string, condition = 'true'): Promise<() => Promise<unknown>> {
  await sql().unsafe(`create or replace function disk_is_full() returns trigger language plpgsql as $$ begin
    raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$`);
  await sql().unsafe(`create trigger full_disk before ${event} on ${table} for each row when (${condition})
    execute function disk_is_full()`);
  return () => sql().unsafe(`drop trigger full_disk on ${table}`);
}

describe('a disk that is full', () => {
  it('where calls are taken in: they go sync, and say so', async () => {
    const free = await fullDisk('items', 'insert');
    const { response, data } = await create('nowhere to wait');
    expect(response.headers.get('x-offpeak-because')).toBe('lane_down');
    expect(data.usage.service_tier).toBe('standard');
    await free();
    const waiting = create('waits');
    await waitFor('the batch', () => upstreamItems(fleet) === 1);
    fleet.finishAll();
    expect((await waiting).response.headers.get('x-offpeak-lane')).toBe('batch');
  });

  it.each([
    ['where a batch is made', 'batches', 'insert', 'true'],
    ['where a batch is marked as being sent', 'batches', 'update', "new.state = 'posting'"],
  ])('%s: nothing is sent, and all of it later', async (_, table, event, condition) => {
    const before = await rollbacks();
    const free = await fullDisk(table, event, condition);
    const calls = createAll();
    await waitFor('every call to be taken in', () => fleet.gateway.deps.lane.held.size === CALLERS);
    await waitFor('the lane to have failed', async () => (await rollbacks()) > before);
    expect(upstreamItems(fleet)).toBe(0);
    await free();
    // What was marked as begun is taken over when its lease ends.
    await sql()`update batches set lease_until = now() where state = 'intent'`;
    await batched();
    fleet.finishAll();
    await expectOnce(calls);
  });

  it('where the id of a batch that was made is written: it is not made again', async () => {
    const free = await fullDisk('batches', 'update', "new.state = 'open'");
    const calls = createAll();
    await batched();
    await free();
    fleet.finishAll();
    await expectOnce(calls);
  });

  it('where results are written: they are read again', async () => {
    const free = await fullDisk('item_results', 'insert');
    const calls = createAll();
    await batched();
    fleet.finishAll();
    await waitFor('a failed reading', async () => {
      const [row] = await sql()<{ n: number }[]>`select count(*)::int as n from batches where error like '%No space%'`;
      return (row?.n ?? 0) > 0;
    });
    await free();
    await expectOnce(calls);
  });
});

/** What failed leaves no other trace. */
async function rollbacks(): Promise<number> {
  const [row] = await sql()<{ n: number }[]>`
    select xact_rollback::int as n from pg_stat_database where datname = current_database()`;
  return row?.n ?? 0;
}

describe('a Postgres that answers nothing', () => {
  const isDown = () => waitFor('it to be noticed', () => fleet.gateway.deps.health.database === 'down');
  const thaw = () => {
    fleet.gateway.databaseProxy.mode = 'pass';
    fleet.gateway.databaseProxy.reset();
  };

  it('while callers wait: they are answered when it is back, for one price', async () => {
    const calls = createAll();
    await batched();
    fleet.gateway.databaseProxy.mode = 'hold';
    fleet.finishAll();
    await isDown();
    thaw();
    await expectOnce(calls);
  });

  it('while a batch is being sent: it is not sent again', async () => {
    fleet.simulator.addFault({ endpoint: 'batch_create', times: 1, fault: { kind: 'delay', ms: 300 } });
    const calls = createAll();
    const posts = () =>
      fleet.simulator.requests({}).filter(({ method, path }) => method === 'POST' && /batches$/.test(path));
    await waitFor('the POST', () => posts().length > 0);
    fleet.gateway.databaseProxy.mode = 'hold';
    await isDown();
    thaw();
    await batched();
    fleet.finishAll();
    await expectOnce(calls);
  });
});

it('backends of the lane that are frozen cost their connections: others take their place', async () => {
  const backends = async () => {
    const rows = await sql()<{ pid: number }[]>`
      select pid from pg_stat_activity where datname = current_database() and application_name = 'offpeak-lane'`;
    return rows.map(({ pid }) => pid);
  };
  const calls = createAll();
  await batched();
  const frozen = await backends();
  for (const pid of frozen) process.kill(pid, 'SIGSTOP');
  try {
    await waitFor('other backends', async () => (await backends()).some((pid) => !frozen.includes(pid)));
  } finally {
    for (const pid of frozen) process.kill(pid, 'SIGCONT');
  }
  fleet.finishAll();
  await expectOnce(calls);
});
