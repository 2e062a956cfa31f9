import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withFault } from '@/e2e/process/with-fault';
import type { Fault } from '@/lib/simulator/fault-rule';
import { answerHeaders, startTwins, type Twins } from './twins';

let twins: Twins;
beforeAll(async () => {
  twins = await startTwins();
});
afterAll(() => twins?.close());

const hello: Anthropic.MessageCreateParamsNonStreaming = {
  model: 'claude-sonnet-5-5',
  max_tokens: 200,
  messages: [{ role: 'user', content: 'hello' }],
};

type Failing = (client: Anthropic) => Promise<unknown>;

async function failure(client: Anthropic, call: Failing) {
  const error = await call(client).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Anthropic.APIError)) throw new Error('no error of the API', { cause: error });
  const { name, message, status, requestID, type, error: body, headers } = error;
  return {
    class: error.constructor.name,
    name,
    message,
    status,
    requestID,
    type,
    body: body as unknown,
    headers: headers ? answerHeaders(headers).api : null,
  };
}

async function expectSameFailure(call: Failing) {
  const direct = await failure(twins.direct, call);
  const proxied = await failure(twins.proxied, call);
  expect(proxied).toEqual(direct);
  return proxied;
}

const failing = (fault: Fault, check: () => Promise<void>) =>
  withFault([twins.directApi, twins.hiddenApi], { fault }, check);

describe('an error of the API', () => {
  it.each([400, 401, 402, 403, 404, 409, 413, 422, 429, 500, 502, 503, 504, 529])(
    'with status %i is the same, streaming or not',
    async (status) => {
      await failing({ kind: 'error', status }, async () => {
        const { status: got } = await expectSameFailure((client) => client.messages.create(hello));
        expect(got).toBe(status);
        await expectSameFailure((client) => client.messages.create({ ...hello, stream: true }));
        await expectSameFailure((client) => client.messages.countTokens(hello));
        await expectSameFailure((client) => client.models.list());
      });
    },
  );

  it('keeps retry-after, x-should-retry and the error code', async () => {
    const headers = { 'x-should-retry': 'false', 'anthropic-ratelimit-requests-remaining': '0' };
    await failing({ kind: 'error', status: 429, retryAfterSeconds: 17, headers }, async () => {
      const limited = await expectSameFailure((client) => client.messages.create(hello));
      expect(limited.headers).toEqual(expect.arrayContaining([['retry-after', '17'], ...Object.entries(headers)]));
    });
    await failing({ kind: 'error', status: 429, errorCode: 'enforced_spend_limit_reached' }, async () => {
      await expectSameFailure((client) => client.messages.create(hello));
    });
  });

  it('may be a gateway’s HTML', async () => {
    await failing({ kind: 'error', status: 502, rawBody: '<html><h1>Bad gateway' }, async () => {
      await expectSameFailure((client) => client.messages.create(hello));
    });
  });

  it('may come in the middle of a stream', async () => {
    await failing({ kind: 'stream_error', after: 4 }, async () => {
      const broken = await expectSameFailure((client) => client.messages.stream(hello).finalMessage());
      expect(broken.message).toContain('overloaded_error');
    });
  });

  it.each<[string, Failing]>([
    ['an unknown model', (client) => client.messages.create({ ...hello, model: 'claude-nobody-9' })],
    ['no messages', (client) => client.messages.create({ ...hello, messages: [] })],
    ['an unknown field', (client) => client.messages.create({ ...hello, ...{ constellation: 1 } })],
    ['too many tokens', (client) => client.messages.create({ ...hello, max_tokens: 99_000_000, stream: true })],
    [
      'a beta that does not exist',
      (client) => client.beta.messages.create({ ...hello, betas: ['nothing-2020-01-01'] }),
    ],
    ['a missing version', (client) => client.messages.create(hello, { headers: { 'anthropic-version': null } })],
    ['a model that does not exist', (client) => client.models.retrieve('claude-nobody-9')],
  ])('comes back in upstream’s own words: %s', async (_, call) => {
    const { status, requestID } = await expectSameFailure(call);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(requestID).toMatch(/^req_/);
  });
});

it('retries as the SDK would without Offpeak', async () => {
  const retrying = twins.proxied.withOptions({ maxRetries: 2 });
  twins.hiddenApi.addFault({
    id: 'twice',
    times: 2,
    fault: { kind: 'error', status: 529, headers: { 'retry-after-ms': '1' } },
  });
  const message = await retrying.messages.create(hello);
  expect(message.type).toBe('message');
  expect(twins.hiddenApi.faults().find(({ id }) => id === 'twice')?.struck).toBe(2);
});
