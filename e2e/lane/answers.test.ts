import type Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '@/e2e/process/wait-for';
import { type LaneFleet, startLaneFleet } from './lane-fleet';

let fleet: LaneFleet;
beforeAll(async () => {
  fleet = await startLaneFleet();
  await fleet.publish({ default: { lane: 'batch', window: '100ms', deadline: '1h' } });
});
afterAll(() => fleet?.close());

const hello: Anthropic.MessageCreateParamsNonStreaming = {
  model: 'claude-sonnet-5-5',
  max_tokens: 200,
  messages: [{ role: 'user', content: 'Grüße an die Welt 🌍' }],
};

/** Ends what upstream works on as soon as there is a batch. */
async function finishWhenThere(): Promise<void> {
  await waitFor('a batch upstream', () =>
    fleet.simulator.batches().some((batch) => batch.processing_status !== 'ended'),
  );
  fleet.finishAll();
}

describe('a call in the batch lane', () => {
  it('is answered from its batch, as JSON', async () => {
    const call = fleet.client().messages.create(hello).withResponse();
    await finishWhenThere();
    const { data, response } = await call;
    expect(data.usage.service_tier).toBe('batch');
    expect(response.headers.get('x-offpeak-lane')).toBe('batch');
    const row = await fleet.gateway.loggedAs(response.headers.get('x-offpeak-request-id'));
    expect(row).toMatchObject({ state: 'succeeded', http_status: 200 });
  });

  it('is answered from its batch, as a stream', async () => {
    const stream = fleet.client().messages.stream(hello);
    await finishWhenThere();
    const message = await stream.finalMessage();
    expect(message.usage.service_tier).toBe('batch');
    expect(message.content[0]?.type).toBe('text');
  });
});
