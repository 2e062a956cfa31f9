import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withFault } from '@/e2e/process/with-fault';
import { createKey, keySecret } from '@/lib/store/keys';
import { PLAIN_KEY } from '@/lib/testing/plain-key';
import { startTwins, type Twins, withoutTimes } from './twins';

const OTHER_KEY = 'opk_another-client-key-of-this-run';

let twins: Twins;
let other: Anthropic;
beforeAll(async () => {
  twins = await startTwins({ turnaround: { fixedMs: 3_600_000 } });
  const { deps, origin } = twins.gateway;
  await createKey(deps.pools.admin, {
    ...keySecret(OTHER_KEY, (text) => deps.secrets.hmacKey(text)),
    name: 'other',
    ...PLAIN_KEY,
  });
  other = new Anthropic({ apiKey: OTHER_KEY, baseURL: origin, maxRetries: 0 });
});
afterAll(() => twins?.close());

const params = (count: number): Anthropic.Messages.BatchCreateParams => ({
  requests: Array.from({ length: count }, (_, index) => ({
    custom_id: `item-${index}`,
    params: {
      model: 'claude-haiku-5-5',
      max_tokens: 60,
      messages: [{ role: 'user', content: index === 1 ? '[[sim:error=invalid_request_error]]' : `question ${index}` }],
    },
  })),
});

/** Ids and own origins read the same on both sides. */
const comparable = (value: unknown) =>
  JSON.parse(
    JSON.stringify(withoutTimes(value))
      .replace(/(msgbatch|msg|req)_01[A-Za-z0-9]{22}/g, '$1_<id>')
      .replaceAll(twins.directApi.url, '<origin>')
      .replaceAll(twins.gateway.origin, '<origin>'),
  ) as unknown;

/** Lets the batch come back now, and answers it. */
async function ended(client: Anthropic, id: string): Promise<Anthropic.Messages.MessageBatch> {
  for (const api of [twins.directApi, twins.hiddenApi]) api.finishBatch(id);
  const batch = await client.messages.batches.retrieve(id);
  expect(batch.processing_status).toBe('ended');
  return batch;
}

const notFound = { status: 404, type: 'not_found_error' };

describe('batches of a client', () => {
  it('have the same life', async () => {
    const live = async (client: Anthropic) => {
      const steps: unknown[] = [];
      const batch = await client.messages.batches.create(params(3));
      steps.push(batch, await ended(client, batch.id));
      const results: Anthropic.Messages.MessageBatchIndividualResponse[] = [];
      for await (const line of await client.messages.batches.results(batch.id)) results.push(line);
      results.sort((a, b) => (a.custom_id < b.custom_id ? -1 : 1));
      steps.push(results, await client.messages.batches.delete(batch.id));
      const gone = await client.messages.batches.retrieve(batch.id).catch((error: unknown) => error);
      steps.push([(gone as InstanceType<typeof Anthropic.APIError>).status, gone instanceof Anthropic.NotFoundError]);
      return steps;
    };
    const direct = await live(twins.direct);
    expect(comparable(await live(twins.proxied))).toEqual(comparable(direct));
  });

  it('name results at Offpeak’s own origin, everywhere', async () => {
    const { id } = await twins.proxied.messages.batches.create(params(1));
    const own = `${twins.gateway.origin}/v1/messages/batches/${id}/results`;
    expect((await ended(twins.proxied, id)).results_url).toBe(own);
    const { data } = await twins.proxied.messages.batches.list();
    expect(data.find((batch) => batch.id === id)?.results_url).toBe(own);
    expect((await twins.proxied.beta.messages.batches.retrieve(id)).results_url).toBe(own);
  });

  it('never lead a client to a host that upstream names', async () => {
    const { id } = await twins.proxied.messages.batches.create(params(1));
    await ended(twins.proxied, id);
    const fault = { kind: 'results_url', origin: 'http://elsewhere.invalid' } as const;
    const { results_url: url } = await withFault([twins.hiddenApi], { endpoint: 'batch_retrieve', fault }, () =>
      twins.proxied.messages.batches.retrieve(id),
    );
    expect(new URL(url ?? '').origin).toBe(twins.gateway.origin);
  });

  it('can be canceled', async () => {
    const cancel = async (client: Anthropic) => {
      const { id } = await client.messages.batches.create(params(2));
      return client.messages.batches.cancel(id);
    };
    const direct = await cancel(twins.direct);
    expect(comparable(await cancel(twins.proxied))).toEqual(comparable(direct));
    expect(direct.processing_status).toBe('canceling');
  });

  it('fail in the same way', async () => {
    const fail = (client: Anthropic, call: (client: Anthropic) => Promise<unknown>) =>
      call(client).then(
        () => 'no failure',
        (error: unknown) => {
          const { status, error: body } = error as InstanceType<typeof Anthropic.APIError>;
          return comparable([status, body]);
        },
      );
    const calls: ((client: Anthropic) => Promise<unknown>)[] = [
      (client) => client.messages.batches.create({ requests: [] }),
      (client) => client.messages.batches.create({ requests: [...params(1).requests, ...params(1).requests] }),
      (client) => client.messages.batches.create(params(1), { headers: { 'anthropic-beta': 'nothing-2020-01-01' } }),
    ];
    for (const call of calls) expect(await fail(twins.proxied, call)).toEqual(await fail(twins.direct, call));
  });
});

describe('a batch of another key', () => {
  it('does not exist: 404, in the words of one that never was', async () => {
    const { id } = await twins.proxied.messages.batches.create(params(1));
    await ended(twins.proxied, id);
    const since = twins.hiddenApi.requests().length;
    const calls = (client: Anthropic, batchId: string): (() => Promise<unknown>)[] => [
      () => client.messages.batches.retrieve(batchId),
      () => client.messages.batches.cancel(batchId),
      () => client.messages.batches.delete(batchId),
      () => client.messages.batches.results(batchId),
      () => client.get(`/v1/messages/batches/${batchId}/results`),
    ];
    for (const [at, call] of calls(other, id).entries()) {
      const foreign = await call().catch((error: unknown) => error as InstanceType<typeof Anthropic.APIError>);
      const never = await calls(other, 'msgbatch_01111111111111111111111111')
        [at]?.()
        .catch((error: unknown) => error as InstanceType<typeof Anthropic.APIError>);
      expect(foreign).toMatchObject(notFound);
      const words = (thrown: unknown) => (thrown as Error).message.replace(/msgbatch_\w+|opr_[-\w]+/g, '<id>');
      expect(words(foreign)).toBe(words(never));
    }
    expect(twins.hiddenApi.requests().length).toBe(since);
    expect((await twins.proxied.messages.batches.retrieve(id)).id).toBe(id);
  });

  it('is in no list of ours, and the API’s own batches neither', async () => {
    const mine = await other.messages.batches.create(params(1));
    const stranger = await fetch(`${twins.hiddenApi.url}/v1/messages/batches`, {
      method: 'POST',
      headers: { 'x-api-key': 'sim-key', 'anthropic-version': '2026-10-21', 'content-type': 'application/json' },
      body: JSON.stringify(params(1)),
    }).then((response) => response.json() as Promise<{ id: string }>);
    const list = async (client: Anthropic) => {
      const ids: string[] = [];
      for await (const batch of client.messages.batches.list({ limit: 2 })) ids.push(batch.id);
      return ids;
    };
    const ofOther = await list(other);
    const ofOurs = await list(twins.proxied);
    expect(ofOther).toEqual([mine.id]);
    expect(ofOurs).not.toContain(mine.id);
    expect(ofOurs).not.toContain(stranger.id);
    expect(ofOurs.length).toBeGreaterThan(2);
    await expect(twins.proxied.messages.batches.retrieve(stranger.id)).rejects.toMatchObject(notFound);
  });

  it('is no cursor either', async () => {
    const { id } = await other.messages.batches.create(params(1));
    for (const query of [{ after_id: id }, { before_id: id }, { after_id: 'msgbatch_never' }]) {
      await expect(twins.proxied.messages.batches.list(query)).rejects.toMatchObject({ status: 400 });
    }
  });

  it.each([
    ['encoded slashes', '..%2f..%2fmodels'],
    ['encoded dots', '%2e%2e'],
    ['a NUL', 'a%00b'],
    ['a slash', 'a/b'],
    ['Latin-1', 'ä'],
    ['much', 'x'.repeat(2_000)],
  ])('cannot be reached by a path that upstream reads otherwise: %s', async (_, id) => {
    const since = twins.hiddenApi.requests().length;
    const response = await fetch(`${twins.gateway.origin}/v1/messages/batches/${id}`, {
      headers: { 'x-api-key': OTHER_KEY, 'anthropic-version': '2026-10-21' },
    });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
    expect(twins.hiddenApi.requests().length).toBe(since);
  });
});

describe('pages of a list', () => {
  it('go both ways, as the API’s do', async () => {
    for (const api of [twins.directApi, twins.hiddenApi]) api.reset();
    await twins.gateway.deps.pools.hot`delete from client_batches`;
    const make = async (client: Anthropic) => {
      for (let count = 0; count < 5; count++) await client.messages.batches.create(params(1));
      const all = (await client.messages.batches.list({ limit: 100 })).data.map((batch) => batch.id);
      const page = async (query: Anthropic.Messages.BatchListParams) => {
        const { data, has_more, first_id, last_id } = await client.messages.batches.list(query);
        const place = (id: string | null) => (id === null ? null : all.indexOf(id));
        return [data.map((batch) => place(batch.id)), has_more, place(first_id), place(last_id)];
      };
      return [
        await page({}),
        await page({ limit: 2 }),
        await page({ limit: 2, after_id: all[1] ?? '' }),
        await page({ limit: 2, after_id: all[3] ?? '' }),
        await page({ limit: 2, after_id: all[4] ?? '' }),
        await page({ limit: 2, before_id: all[3] ?? '' }),
        await page({ limit: 2, before_id: all[1] ?? '' }),
        await page({ limit: 2, before_id: all[0] ?? '' }),
      ];
    };
    const direct = await make(twins.direct);
    expect(await make(twins.proxied)).toEqual(direct);
  });
});
