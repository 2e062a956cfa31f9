import type { APIError } from '@anthropic-ai/sdk';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitFor } from '@/e2e/process/wait-for';
import { ask, type LaneFleet, startLaneFleet } from './lane-fleet';

let fleet: LaneFleet;
beforeEach(async () => {
  fleet = await startLaneFleet({ pacing: { reattachMs: 60_000 } });
});
afterEach(() => fleet?.close());

/** With 64 tokens at most a synchronous answer is planned with 2.64 s, and the margin is a second and two percent. */
const small = (word: string) => ask(word, { max_tokens: 64 });
const batchThere = () => waitFor('a batch upstream', () => fleet.simulator.batches().length > 0);

it('answers synchronously before the deadline, and books the late result as waste', async () => {
  await fleet.publish({ default: { lane: 'batch', window: '0ms', deadline: '5s' } });
  const { data, response } = await fleet.client().messages.create(small('late')).withResponse();
  expect(data.usage.service_tier).toBe('standard');
  expect(response.headers.get('x-offpeak-lane')).toBe('sync');
  const id = response.headers.get('x-offpeak-request-id');
  const row = await fleet.gateway.loggedAs(id);
  expect(row).toMatchObject({ state: 'succeeded', lane: 'batch', served_by: 'sync', waste_pico: '0' });
  fleet.finishAll();
  await waitFor('the waste', async () => BigInt((await fleet.gateway.loggedAs(id)).waste_pico) > 0n || isCanceled());
});

it('goes sync at once when there is no time for a batch', async () => {
  await fleet.publish({ default: { lane: 'batch', window: '0ms', deadline: '2s' } });
  const { response } = await fleet.client().messages.create(small('no time')).withResponse();
  expect(response.headers.get('x-offpeak-because')).toBe('horizon');
  expect(fleet.simulator.batches()).toHaveLength(0);
});

it('a client that listens for minutes gets its batch, however far away the deadline is', async () => {
  await fleet.publish({ default: { lane: 'batch', window: '0ms' } });
  const asClaudeCode = { headers: { 'x-claude-code-session-id': 'a-session' } };
  const call = fleet.client().messages.stream(small('patient'), asClaudeCode).finalMessage();
  await batchThere();
  fleet.finishAll();
  expect((await call).usage.service_tier).toBe('batch');
});

it('ends honestly at the deadline where a synchronous answer is ruled out', async () => {
  await fleet.publish({ default: { lane: 'batch', window: '0ms', deadline: '500ms', escalate: false } });
  const outcome = await fleet
    .client()
    .messages.create(small('never'))
    .catch((error: unknown) => error as APIError);
  expect(outcome).toMatchObject({ status: 504, type: 'timeout_error' });
  const { headers, error } = outcome as APIError;
  expect(error).toMatchObject({ request_id: headers?.get('request-id') });
});

it.each(['api_error', 'overloaded_error'])('an item that failed with %s is answered synchronously', async (type) => {
  await fleet.publish({ default: { lane: 'batch', window: '0ms', deadline: '1h' } });
  fleet.simulator.addFault({ endpoint: 'batch_create', fault: { kind: 'item_errors', share: 1, type } });
  const call = fleet.client().messages.create(small('failed'));
  await batchThere();
  fleet.finishAll();
  expect((await call).usage.service_tier).toBe('standard');
});

it('tries again while upstream is overloaded and there is time', async () => {
  await fleet.publish({ default: { lane: 'batch', window: '0ms', deadline: '10s' } });
  fleet.simulator.addFault({ endpoint: 'batch_create', fault: { kind: 'item_errors', share: 1, type: 'api_error' } });
  fleet.simulator.addFault({ endpoint: 'messages', times: 2, fault: { kind: 'error', status: 529 } });
  const call = fleet.client().messages.create(small('overloaded'));
  await batchThere();
  fleet.finishAll();
  expect((await call).usage.service_tier).toBe('standard');
});

it('a batch that upstream refuses gives each caller the true error', async () => {
  await fleet.publish({ default: { lane: 'batch', window: '0ms', deadline: '1h' } });
  fleet.simulator.addFault({
    endpoint: 'batch_create',
    fault: { kind: 'error', status: 403, type: 'permission_error' },
  });
  fleet.simulator.addFault({ endpoint: 'messages', fault: { kind: 'error', status: 403, type: 'permission_error' } });
  const outcome = await fleet
    .client()
    .messages.create(small('refused'))
    .catch((error: unknown) => error);
  expect(outcome).toMatchObject({ status: 403, type: 'permission_error' });
});

it('an overloaded sync lane spills over for who may wait', async () => {
  await fleet.publish({ default: { lane: 'sync', spill: true } });
  fleet.simulator.addFault({ endpoint: 'messages', times: 1, fault: { kind: 'error', status: 529 } });
  const call = fleet
    .client()
    .messages.create(small('spill'), { headers: { 'x-offpeak-tolerance': '1h' } })
    .withResponse();
  await waitFor('a batch', () => fleet.simulator.batches().length > 0, 30_000);
  fleet.finishAll();
  const { data, response } = await call;
  expect(data.usage.service_tier).toBe('batch');
  expect(response.headers.get('x-offpeak-lane')).toBe('batch');
});

it.each([
  ['a spend cap', { errorCode: 'enforced_spend_limit_reached', retryAfterSeconds: 5 }],
  ['a 429 that names no time', { retryAfterSeconds: null }],
])('%s does not spill over: the caller is told so', async (_, error) => {
  await fleet.publish({ default: { lane: 'sync', spill: true } });
  fleet.simulator.addFault({ endpoint: 'messages', times: 1, fault: { kind: 'error', status: 429, ...error } });
  const before = fleet.simulator.batches().length;
  const outcome = fleet.client().messages.create(small('capped'), { headers: { 'x-offpeak-tolerance': '1h' } });
  await expect(outcome).rejects.toMatchObject({ status: 429, type: 'rate_limit_error' });
  expect(fleet.simulator.batches()).toHaveLength(before);
});

it('an escalation that is rate limited without a time to wait is tried again until the deadline', async () => {
  await fleet.publish({ default: { lane: 'batch', window: '0ms', deadline: '10s' } });
  fleet.simulator.addFault({ endpoint: 'batch_create', fault: { kind: 'item_errors', share: 1, type: 'api_error' } });
  const limited = { kind: 'error', status: 429, retryAfterSeconds: null } as const;
  fleet.simulator.addFault({ endpoint: 'messages', times: 2, fault: limited });
  const call = fleet.client().messages.create(small('limited'));
  await batchThere();
  fleet.finishAll();
  expect((await call).usage.service_tier).toBe('standard');
});

function isCanceled(): boolean {
  return fleet.simulator.batches().every(({ cancel_initiated_at }) => cancel_initiated_at !== null);
}
