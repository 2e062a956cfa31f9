import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyFingerprint } from './authenticate';
import { type Simulator, startSimulator } from './start-simulator';

let simulator: Simulator;
let client: Anthropic;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 11, sync: { instant: true } });
  client = new Anthropic({ apiKey: 'key-a', baseURL: simulator.url, maxRetries: 0 });
});
afterAll(() => simulator.close());

const ask = (content: string) => ({
  model: 'claude-sonnet-5-5',
  max_tokens: 400,
  messages: [{ role: 'user' as const, content }],
});

/** Picodollars of a message at Sonnet 5.5's price since 2026-10-07. */
const sonnetPicoUsd = (usage: Anthropic.Usage) =>
  BigInt(usage.input_tokens) * 2_000_000n + BigInt(usage.output_tokens) * 10_000_000n;

describe('POST /v1/messages', () => {
  it('answers JSON in the documented shape, with ids and limits in the headers', async () => {
    const { data, response } = await client.messages.create(ask('Hello there')).withResponse();
    expect(data.id).toMatch(/^msg_01[A-Za-z0-9]{22}$/);
    expect(data).toMatchObject({ type: 'message', role: 'assistant', model: 'claude-sonnet-5-5', container: null });
    expect(data.usage).toMatchObject({ service_tier: 'standard', inference_geo: 'global', speed: 'standard' });
    expect(data.content[0]).toMatchObject({ type: 'text', citations: null });
    expect(response.headers.get('request-id')).toMatch(/^req_/);
    expect(response.headers.get('anthropic-organization-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get('anthropic-workspace-id')).toMatch(/^wrkspc_/);
    expect(response.headers.get('anthropic-ratelimit-tokens-reset')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it('bills what the usage says', async () => {
    const message = await client.messages.create(ask('A bill, please'));
    const entry = simulator.ledger().entries.find((candidate) => candidate.messageId === message.id);
    expect(entry).toMatchObject({
      key: keyFingerprint('key-a'),
      kind: 'sync',
      billed: true,
      outcome: 'delivered',
      tier: 'standard',
    });
    expect(entry?.costPicoUsd).toBe(String(sonnetPicoUsd(message.usage)));
  });

  it('streams to the same message that JSON answers', async () => {
    const json = await client.messages.create(ask('[[sim:blocks=all]] twice'));
    const events: string[] = [];
    const stream = client.messages.stream(ask('[[sim:blocks=all]] twice'));
    stream.on('streamEvent', (event) => events.push(event.type));
    const streamed = await stream.finalMessage();
    const withoutIds = (message: Anthropic.Message) =>
      JSON.parse(JSON.stringify(message.content).replace(/(toolu|srvtoolu|file)_01\w{22}/g, '$1'));
    expect(withoutIds(streamed)).toEqual(withoutIds(json));
    expect(streamed.usage).toEqual(json.usage);
    expect(streamed.stop_reason).toBe(json.stop_reason);
    expect(events[0]).toBe('message_start');
    expect(events.at(-1)).toBe('message_stop');
  });

  it('writes the documented event grammar', async () => {
    const response = await fetch(`${simulator.url}/v1/messages?beta=true`, {
      method: 'POST',
      headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
      body: JSON.stringify({ ...ask('[[sim:blocks=all]]'), stream: true }),
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const events = (await response.text()).split('\n\n').filter((text) => text !== '');
    for (const text of events) {
      const [, name, json] = /^event: (\w+)\ndata: (.+)$/.exec(text) ?? [];
      expect(JSON.parse(json ?? '').type).toBe(name);
    }
    expect(events[2]).toBe('event: ping\ndata: {"type":"ping"}');
    const toolStart = events.findIndex((text) => text.includes('"name":"get_weather","input":{}'));
    expect(events[toolStart + 1]).toContain('"partial_json":""');
    const resultStart = events.findIndex((text) => text.includes('"type":"web_search_tool_result"'));
    expect(events[resultStart]).toContain('encrypted_content');
    expect(events[resultStart + 1]).toContain('content_block_stop');
    expect(events.at(-2)).toContain('"stop_reason":"tool_use"');
  });

  it('plays a tool loop that ends after three results, or as many as directed', async () => {
    const tools: Anthropic.Tool[] = [
      {
        name: 'look_up',
        input_schema: {
          type: 'object',
          properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1, maximum: 5 } },
          required: ['city', 'days'],
        },
      },
    ];
    for (const [prompt, wanted] of [
      ['Plan a trip', 3],
      ['[[sim:tools=1]] Plan a trip', 1],
    ] as const) {
      const messages: Anthropic.MessageParam[] = [{ role: 'user', content: prompt }];
      let results = 0;
      for (;;) {
        const message = await client.messages.create({ ...ask(''), tools, messages });
        const call = message.content.find((block) => block.type === 'tool_use');
        if (message.stop_reason !== 'tool_use' || call === undefined) break;
        expect(call.input).toMatchObject({ city: expect.any(String), days: expect.any(Number) });
        messages.push({ role: 'assistant', content: message.content });
        messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'ok' }] });
        results += 1;
      }
      expect(results).toBe(wanted);
    }
  });

  it('obeys directives, max_tokens, stop sequences and output formats', async () => {
    const sized = await client.messages.create(ask('[[sim:output=300]]'));
    expect(sized.usage.output_tokens).toBe(300);
    const cut = await client.messages.create({ ...ask('[[sim:output=300]]'), max_tokens: 20 });
    expect(cut).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 20 } });
    const stopped = await client.messages.create({ ...ask('[[sim:text=one STOP two]]'), stop_sequences: ['STOP'] });
    expect(stopped).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'STOP' });
    expect(stopped.content).toEqual([{ type: 'text', text: 'one ', citations: null }]);
    const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };
    const structured = await client.messages.create({
      ...ask('structured'),
      output_config: { format: { type: 'json_schema', schema } },
    });
    const [block] = structured.content;
    expect(JSON.parse(block?.type === 'text' ? block.text : '')).toEqual({ ok: expect.any(Boolean) });
    await expect(client.messages.create(ask('[[sim:error=overloaded_error]]'))).rejects.toMatchObject({ status: 529 });
    expect(await client.messages.create(ask('[[sim:stop=refusal]]'))).toMatchObject({
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: null, explanation: null },
    });
  });

  it('thinks where asked, signs it, and takes only its own signatures back', async () => {
    const thinking = { type: 'adaptive' } as const;
    const message = await client.messages.create({ ...ask('Think'), max_tokens: 4_000, thinking });
    const [block] = message.content;
    if (block?.type !== 'thinking') throw new Error('no thinking');
    expect(message.usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(0);
    const next = (signature: string) =>
      client.messages.create({
        ...ask(''),
        messages: [
          { role: 'user', content: 'Think' },
          {
            role: 'assistant',
            content: [
              { ...block, signature },
              { type: 'text', text: 'so' },
            ],
          },
          { role: 'user', content: 'and now?' },
        ],
      });
    await expect(next(block.signature)).resolves.toBeDefined();
    await expect(next('bm9wZQ==')).rejects.toThrow(/Invalid `signature` in `thinking` block/);
    const omitted = await client.messages.create({
      ...ask('Think'),
      max_tokens: 4_000,
      thinking: { type: 'adaptive', display: 'omitted' },
    });
    expect(omitted.content[0]).toMatchObject({ type: 'thinking', thinking: '' });
  });

  it('cites documents and counts searches', async () => {
    const cited = await client.messages.create({
      ...ask(''),
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'document',
              source: { type: 'text', media_type: 'text/plain', data: 'The sky is blue.' },
              citations: { enabled: true },
            },
            { type: 'text', text: 'What colour?' },
          ],
        },
      ],
    });
    expect(cited.content[0]).toMatchObject({ citations: [{ type: 'char_location', cited_text: 'The sky is blue.' }] });
    const searched = await client.messages.create({
      ...ask('[[sim:searches=2]]'),
      tools: [{ type: 'web_search_20260209', name: 'web_search' }],
    });
    expect(searched.usage.server_tool_use).toEqual({ web_search_requests: 2, web_fetch_requests: 0 });
    const entry = simulator.ledger().entries.find((candidate) => candidate.messageId === searched.id);
    expect(entry?.costPicoUsd).toBe(String(sonnetPicoUsd(searched.usage) + 20_000_000_000n));
  });

  it('pre-warms the cache with max_tokens 0', async () => {
    const warmed = await client.messages.create({ ...ask('Warm up'), max_tokens: 0 });
    expect(warmed).toMatchObject({ content: [], stop_reason: 'max_tokens', usage: { output_tokens: 0 } });
  });

  it('resolves aliases', async () => {
    const message = await client.messages.create({ ...ask('Hi'), model: 'claude-haiku-4-5' });
    expect(message.model).toBe('claude-haiku-4-5-20251001');
  });

  it('gives equal answers for equal seeds and other answers for others', async () => {
    const texts = await Promise.all(
      [5, 5, 6].map(async (seed) => {
        const twin = await startSimulator({ seed, sync: { instant: true } });
        const one = new Anthropic({ apiKey: 'key-a', baseURL: twin.url });
        const message = await one.messages.create(ask('Same question'));
        await twin.close();
        return JSON.stringify([message.content, message.usage]);
      }),
    );
    expect(texts[0]).toBe(texts[1]);
    expect(texts[0]).not.toBe(texts[2]);
  });

  it('counts tokens as it bills them', async () => {
    const body = { ...ask('How long is a piece of string?'), system: 'Be brief.' };
    const { input_tokens: counted } = await client.messages.countTokens({
      model: body.model,
      messages: body.messages,
      system: body.system,
    });
    expect((await client.messages.create(body)).usage.input_tokens).toBe(counted);
  });
});
