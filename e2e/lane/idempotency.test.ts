import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '@/e2e/process/wait-for';
import { ask, type LaneFleet, startLaneFleet, upstreamItems } from './lane-fleet';

let fleet: LaneFleet;
beforeAll(async () => {
  fleet = await startLaneFleet();
});
afterAll(() => fleet?.close());

const keyed = (key: string) => ({ headers: { 'idempotency-key': key } });
const synchronous = () => fleet.publish({ default: { lane: 'sync' } });
const billed = () => fleet.simulator.ledger().totals.billed;

it('answers a second call with the outcome of the first, in the sync lane', async () => {
  await synchronous();
  const client = fleet.client();
  const before = billed();
  const first = await client.messages.create(ask('key'), keyed('a')).withResponse();
  const second = await client.messages.create(ask('key'), keyed('a')).withResponse();
  expect(second.data).toEqual(first.data);
  expect(second.response.headers.get('x-offpeak-replayed')).toBe('true');
  expect(second.response.headers.get('x-offpeak-request-id')).not.toBe(
    first.response.headers.get('x-offpeak-request-id'),
  );
  expect(billed()).toBe(before + 1);
});

it('replays a stream byte for byte', async () => {
  await synchronous();
  const client = fleet.client();
  const first = await client.messages.stream(ask('streamed key'), keyed('b')).finalMessage();
  const second = await client.messages.stream(ask('streamed key'), keyed('b')).finalMessage();
  expect(second).toEqual(first);
});

it('refuses another body under the same key', async () => {
  await synchronous();
  const client = fleet.client();
  await client.messages.create(ask('one'), keyed('c'));
  const other = client.messages.create(ask('two'), keyed('c')).catch((error: unknown) => error);
  expect(await other).toMatchObject({ status: 400, type: 'invalid_request_error' });
});

it('does not keep what should be tried again, and keeps what should not', async () => {
  await synchronous();
  const client = fleet.client();
  fleet.simulator.addFault({ endpoint: 'messages', times: 1, fault: { kind: 'error', status: 529 } });
  await expect(client.messages.create(ask('busy'), keyed('d'))).rejects.toMatchObject({ status: 529 });
  expect((await client.messages.create(ask('busy'), keyed('d'))).type).toBe('message');
  const bad = ask('[[sim:error=invalid_request_error]]');
  await expect(client.messages.create(bad, keyed('e'))).rejects.toMatchObject({ status: 400 });
  const replayed = await client.messages.create(bad, keyed('e')).catch((error: unknown) => error);
  expect(replayed).toMatchObject({ status: 400 });
});

it('two at once are one, in the batch lane as well', async () => {
  await fleet.publish({ default: { lane: 'batch', window: '0ms', deadline: '1h' } });
  const client = fleet.client();
  const before = upstreamItems(fleet);
  const both = [client.messages.create(ask('both'), keyed('f')), client.messages.create(ask('both'), keyed('f'))];
  await waitFor('its batch', () => upstreamItems(fleet) > before);
  fleet.finishAll();
  const [one, two] = await Promise.all(both);
  expect(two).toEqual(one);
  expect(upstreamItems(fleet)).toBe(before + 1);
});

it('a key that is too long is refused', async () => {
  const answer = fleet.client().messages.create(ask('x'), keyed('y'.repeat(300)));
  await expect(answer).rejects.toMatchObject({ status: 400, type: 'invalid_request_error' });
});

describe('while Postgres takes no outcome', () => {
  let free: () => Promise<unknown>;
  const sql = () => fleet.gateway.database.pools.hot;
  beforeEach(async () => {
    await synchronous();
    await sql().unsafe(`create or replace function refuse() returns trigger language plpgsql as $$ begin
      raise exception 'no space left' using errcode = 'disk_full'; end $$`);
    await sql().unsafe(`create trigger refusal before update or delete on idempotency_keys for each row
      when (old.sealed is null) execute function refuse()`);
    free = () => sql().unsafe('drop trigger if exists refusal on idempotency_keys');
  });
  afterEach(() => free());
  const kept = async () => {
    const [row] = await sql()<{ n: number }[]>`
      select count(*)::int as n from idempotency_keys where sealed is not null`;
    return row?.n ?? 0;
  };

  it('the outcome is not lost: the key is not paid for again, and Postgres is told when it takes it', async () => {
    const client = fleet.client();
    const [before, keptBefore] = [billed(), await kept()];
    const first = await client.messages.create(ask('kept'), keyed('g'));
    const second = await client.messages.create(ask('kept'), keyed('g')).withResponse();
    expect(second.data).toEqual(first);
    expect(second.response.headers.get('x-offpeak-replayed')).toBe('true');
    const other = client.messages.create(ask('another'), keyed('g')).catch((error: unknown) => error);
    expect(await other).toMatchObject({ status: 400, type: 'invalid_request_error' });
    expect(await kept()).toBe(keptBefore);
    await free();
    await waitFor('Postgres to be told', async () => (await kept()) === keptBefore + 1);
    expect(await client.messages.create(ask('kept'), keyed('g'))).toEqual(first);
    expect(billed()).toBe(before + 1);
  });

  it('what should be tried again is released as soon as Postgres takes that', async () => {
    const client = fleet.client();
    fleet.simulator.addFault({ endpoint: 'messages', times: 1, fault: { kind: 'error', status: 529 } });
    await expect(client.messages.create(ask('again'), keyed('h'))).rejects.toMatchObject({ status: 529 });
    const again = client.messages.create(ask('again'), keyed('h'));
    await free();
    expect((await again).type).toBe('message');
  });
});

it('what upstream itself says should be tried again is not kept', async () => {
  await synchronous();
  const client = fleet.client();
  const fault = { kind: 'error', status: 400, headers: { 'x-should-retry': 'true' } } as const;
  fleet.simulator.addFault({ endpoint: 'messages', times: 1, fault });
  await expect(client.messages.create(ask('told to'), keyed('i'))).rejects.toMatchObject({ status: 400 });
  expect((await client.messages.create(ask('told to'), keyed('i'))).type).toBe('message');
});

describe('a second call during the first is held like any caller that waits', () => {
  let impatient: LaneFleet;
  beforeEach(async () => {
    impatient = await startLaneFleet({ hold: { signEveryMs: 40 } });
    await impatient.publish({ default: { lane: 'batch', window: '0ms', deadline: '1h' } });
  });
  afterEach(() => impatient?.close());
  // Bytes are due at once: it announces a timeout of a fifth of a second.
  const second = (key: string, more: Record<string, string> = {}) => ({
    headers: { 'idempotency-key': key, 'x-stainless-timeout': '0.2', ...more },
  });
  /** It has waited for longer than its client bears silence. */
  const waited = () => new Promise((resolve) => setTimeout(resolve, 500));
  const begun = () => waitFor('the batch', () => upstreamItems(impatient) === 1);

  it('as JSON and as a stream: however long the batch takes, it gets the same answer for nothing', async () => {
    const client = impatient.client();
    for (const [key, isStream] of [
      ['long', false],
      ['long stream', true],
    ] as const) {
      const before = upstreamItems(impatient);
      const make = (options: object) =>
        isStream ? client.messages.stream(ask(key), options).finalMessage() : client.messages.create(ask(key), options);
      const first = make(keyed(key));
      await waitFor('the batch', () => upstreamItems(impatient) === before + 1);
      const again = make(second(key));
      await waited();
      impatient.finishAll();
      expect(await again).toEqual(await first);
      expect(upstreamItems(impatient)).toBe(before + 1);
    }
  });

  it('is told to come back where its client said that it will', async () => {
    const client = impatient.client();
    const first = client.messages.create(ask('hand over'), keyed('k'));
    await begun();
    const again = client.messages.create(ask('hand over'), second('k', { 'x-offpeak-retries': '1' }));
    await expect(again).rejects.toMatchObject({ status: 504, type: 'timeout_error' });
    impatient.finishAll();
    await first;
  });

  it('that has seen bytes is cut when the first one fails in a way that may not be shared', async () => {
    const client = impatient.client();
    const fault = { kind: 'item_errors', share: 1, type: 'api_error' } as const;
    impatient.simulator.addFault({ endpoint: 'batch_create', fault });
    impatient.simulator.addFault({
      endpoint: 'messages',
      fault: { kind: 'error', status: 400, headers: { 'x-should-retry': 'true' } },
    });
    const first = client.messages.create(ask('fails'), keyed('l')).catch((error: unknown) => error);
    await begun();
    const again = client.messages.create(ask('fails'), second('l')).catch((error: unknown) => error);
    await waited();
    impatient.finishAll();
    expect(await first).toMatchObject({ status: 400 });
    // No Message, and no error object that could be taken for one.
    expect(String(await again)).toMatch(/terminated/);
  });

  it('that is gone before the first one is over makes no call of its own', async () => {
    const client = impatient.client();
    const first = client.messages.create(ask('gone'), keyed('m'));
    await begun();
    const leaving = new AbortController();
    const again = client.messages.create(ask('gone'), { ...second('m'), signal: leaving.signal });
    await waited();
    leaving.abort();
    await expect(again).rejects.toThrow();
    impatient.finishAll();
    await first;
    expect(upstreamItems(impatient)).toBe(1);
  });
});
