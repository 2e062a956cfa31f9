import { afterAll, beforeAll, expect, it } from 'vitest';
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
