import type Anthropic from '@anthropic-ai/sdk';
import type { APIPromise } from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerHeaders, startTwins, type Twins, withoutTimes } from './twins';

let twins: Twins;
beforeAll(async () => {
  twins = await startTwins();
});
afterAll(() => twins?.close());

const hello: Anthropic.MessageCreateParamsNonStreaming = {
  model: 'claude-sonnet-5-5',
  max_tokens: 200,
  messages: [{ role: 'user', content: 'Grüße an die Welt 🌍' }],
};
const weather: Anthropic.Tool = {
  name: 'get_weather',
  description: 'Weather of a place',
  input_schema: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
};

/** Makes the same call both ways and expects the same answer: data, status, request id and headers. */
async function expectSame<T>(call: (client: Anthropic) => APIPromise<T>): Promise<T> {
  const direct = await call(twins.direct).withResponse();
  const proxied = await call(twins.proxied).withResponse();
  expect(withoutTimes(proxied.data)).toEqual(withoutTimes(direct.data));
  expect(proxied.request_id).toBe(direct.request_id);
  expect(proxied.response.status).toBe(direct.response.status);
  expect(answerHeaders(proxied.response.headers).api).toEqual(answerHeaders(direct.response.headers).api);
  expect(answerHeaders(direct.response.headers).offpeak).toEqual({});
  return proxied.data;
}

async function expectSameStream(body: Anthropic.MessageCreateParams) {
  const run = async (client: Anthropic) => {
    const stream = client.messages.stream(body);
    const events: unknown[] = [];
    stream.on('streamEvent', (event) => events.push(event));
    return { message: await stream.finalMessage(), events, requestId: stream.request_id };
  };
  const direct = await run(twins.direct);
  const proxied = await run(twins.proxied);
  expect(withoutTimes(proxied)).toEqual(withoutTimes(direct));
  return proxied;
}

describe('a message', () => {
  it('is the same, and carries Offpeak’s own headers beside', async () => {
    const message = await expectSame((client) => client.messages.create(hello));
    expect(message.content[0]?.type).toBe('text');
    const { response } = await twins.proxied.messages.create(hello).withResponse();
    await twins.direct.messages.create(hello);
    expect(answerHeaders(response.headers).offpeak).toEqual({
      'x-offpeak-request-id': expect.stringMatching(/^opr_/),
      'x-offpeak-lane': 'sync',
      'x-offpeak-rule': 'default',
      'x-offpeak-policy': '1',
      'x-offpeak-because': 'rule',
    });
  });

  it.each(['2023-06-01', '2026-10-21'])('is the same under version %s', async (version) => {
    await expectSame((client) => client.messages.create(hello, { headers: { 'anthropic-version': version } }));
  });

  it('calls tools and takes their results', async () => {
    const first = await expectSame((client) =>
      client.messages.create({
        ...hello,
        tools: [weather],
        messages: [{ role: 'user', content: '[[sim:tools=1]] go' }],
      }),
    );
    expect(first.stop_reason).toBe('tool_use');
    const use = first.content.find((block) => block.type === 'tool_use');
    const second = await expectSame((client) =>
      client.messages.create({
        ...hello,
        tools: [weather],
        messages: [
          { role: 'user', content: '[[sim:tools=1]] go' },
          { role: 'assistant', content: first.content },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: use?.id ?? '', content: '21 °C' }] },
        ],
      }),
    );
    expect(second.stop_reason).toBe('end_turn');
  });

  it('thinks, and its thinking goes back unchanged', async () => {
    const thinking = { ...hello, max_tokens: 4_000, thinking: { type: 'adaptive' as const } };
    const first = await expectSame((client) => client.messages.create(thinking));
    expect(first.content[0]).toMatchObject({ type: 'thinking', signature: expect.any(String) });
    await expectSame((client) =>
      client.messages.create({
        ...thinking,
        messages: [
          ...thinking.messages,
          { role: 'assistant', content: first.content },
          { role: 'user', content: 'and further?' },
        ],
      }),
    );
  });

  it('may hold every kind of block', async () => {
    const every = await expectSame((client) =>
      client.messages.create({ ...hello, messages: [{ role: 'user', content: '[[sim:blocks=all]]' }] }),
    );
    expect(every.content.length).toBeGreaterThan(5);
  });

  it('goes through the beta namespace with its query and betas', async () => {
    const message = await expectSame((client) =>
      client.beta.messages.create(
        { ...hello, betas: ['context-management-2025-06-27', 'files-api-2025-04-14'] },
        // As the SDKs of 2025 ask.
        { query: { beta: true } },
      ),
    );
    expect(message.type).toBe('message');
    const [request] = twins.hiddenApi.requests().slice(-1);
    expect(request?.path).toBe('/v1/messages?beta=true');
    expect(new Map(request?.headers).get('anthropic-beta')).toBe('context-management-2025-06-27,files-api-2025-04-14');
  });
});

describe('a stream', () => {
  it('has the same events and final message', async () => {
    const { events, message } = await expectSameStream(hello);
    expect(events.length).toBeGreaterThan(4);
    expect(message.usage.output_tokens).toBeGreaterThan(1);
  });

  it('is the same with tools, thinking and every kind of block', async () => {
    await expectSameStream({ ...hello, tools: [weather], messages: [{ role: 'user', content: '[[sim:tools=2]] go' }] });
    await expectSameStream({ ...hello, max_tokens: 4_000, thinking: { type: 'adaptive' } });
    await expectSameStream({ ...hello, messages: [{ role: 'user', content: '[[sim:blocks=all]]' }] });
  });

  it('has the same bytes', async () => {
    const bytes = async (client: Anthropic) => {
      const response = await client.messages.create({ ...hello, stream: true }).asResponse();
      const { api } = answerHeaders(response.headers);
      return { api, body: Buffer.from(await response.arrayBuffer()).toString() };
    };
    const direct = await bytes(twins.direct);
    expect(await bytes(twins.proxied)).toEqual(direct);
    expect(direct.body).toContain('event: message_stop');
  });
});

describe('the other endpoints', () => {
  it('counts tokens', async () => {
    const counted = await expectSame((client) =>
      client.messages.countTokens({ model: hello.model, messages: hello.messages }),
    );
    expect(counted.input_tokens).toBeGreaterThan(0);
  });

  it('lists models, over pages and by id', async () => {
    const list = async (client: Anthropic) => {
      const models: unknown[] = [];
      for await (const model of client.models.list({ limit: 3 })) models.push(model);
      return models;
    };
    const direct = await list(twins.direct);
    expect(await list(twins.proxied)).toEqual(direct);
    expect(direct.length).toBeGreaterThan(3);
    await expectSame((client) => client.models.retrieve('claude-sonnet-5-5'));
    await expectSame((client) => client.beta.models.retrieve('claude-haiku-5-5'));
  });
});
