import Anthropic from '@anthropic-ai/sdk';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startSimulator } from '@/lib/simulator/start-simulator';
import { errorEvent, messageToSse, PING } from './message-to-sse';

type Json = Record<string, unknown>;

const text = fc.string({ unit: 'binary', maxLength: 40 });
const id = fc.string({ unit: fc.constantFrom(...'abc019_'), minLength: 1, maxLength: 8 });
const count = fc.nat({ max: 1_000_000 });
const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
// `__proto__` is no key that an SDK's spread or the comparison here could be trusted with.
const anything = fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes('__proto__'));
const anyObject = fc.dictionary(
  text.filter((key) => key !== '__proto__'),
  anything,
  { maxKeys: 4 },
);
const of = (type: string, fields: Record<string, fc.Arbitrary<unknown>>, requiredKeys?: string[]) =>
  fc.record<Json>(
    { type: fc.constant(type), ...fields },
    { requiredKeys: ['type', ...(requiredKeys ?? Object.keys(fields))] },
  );

const documentPart = { cited_text: text, document_index: count, document_title: nullable(text), file_id: nullable(id) };
const citation = fc.oneof(
  of('char_location', { ...documentPart, start_char_index: count, end_char_index: count }),
  of('page_location', { ...documentPart, start_page_number: count, end_page_number: count }),
  of('content_block_location', { ...documentPart, start_block_index: count, end_block_index: count }),
  of('web_search_result_location', { cited_text: text, encrypted_index: id, title: nullable(text), url: text }),
  of('search_result_location', { cited_text: text, source: text, title: nullable(text), search_result_index: count }),
  of('tomorrows_location', { where: anything }),
);
const caller = fc.constantFrom({ type: 'direct' }, { type: 'code_execution_20260120', tool_id: 'srvtoolu_1' });
const toolUse = (type: string, prefix: string) =>
  of(type, { id: id.map((rest) => `${prefix}_${rest}`), name: id, input: anyObject, caller, toolset_name: id }, [
    'id',
    'name',
    'input',
  ]);
const result = (type: string) => of(type, { tool_use_id: id, content: anything, caller }, ['tool_use_id', 'content']);

const block = fc.oneof(
  of('text', { text, citations: nullable(fc.array(citation, { maxLength: 3 })) }, ['text']),
  of('thinking', { thinking: fc.oneof(text, fc.constant('')), signature: text }),
  of('redacted_thinking', { data: text }),
  toolUse('tool_use', 'toolu'),
  toolUse('server_tool_use', 'srvtoolu'),
  ...[
    'web_search_tool_result',
    'web_fetch_tool_result',
    'code_execution_tool_result',
    'bash_code_execution_tool_result',
    'text_editor_code_execution_tool_result',
    'tool_search_tool_result',
  ].map(result),
  of('container_upload', { file_id: id }),
  of('tomorrows_block', { text: anything, input: anything, citations: anything, future: anyObject }, []),
);
const betaBlock = fc.oneof(
  { weight: 3, arbitrary: block },
  { weight: 1, arbitrary: toolUse('mcp_tool_use', 'mcptoolu') },
  { weight: 1, arbitrary: result('mcp_tool_result') },
  { weight: 1, arbitrary: result('advisor_tool_result') },
  {
    weight: 1,
    arbitrary: of('compaction', { content: nullable(text), encrypted_content: nullable(id), signature: id }, [
      'content',
    ]),
  },
  { weight: 1, arbitrary: of('fallback', { from: anyObject, to: fc.constant({ model: 'claude-sonnet-5-5' }) }) },
  { weight: 1, arbitrary: of('tool_listing', { tools: anything }) },
);

const usage = fc.record(
  {
    input_tokens: count,
    output_tokens: count,
    cache_creation_input_tokens: nullable(count),
    cache_read_input_tokens: nullable(count),
    cache_creation: nullable(fc.record({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count })),
    server_tool_use: nullable(fc.record({ web_search_requests: count, web_fetch_requests: count })),
    output_tokens_details: nullable(fc.record({ thinking_tokens: count })),
    service_tier: nullable(fc.constantFrom('standard', 'priority', 'batch')),
    inference_geo: nullable(fc.constantFrom('global', 'us')),
    speed: nullable(fc.constantFrom('standard', 'fast')),
    iterations: fc.array(anyObject, { maxLength: 2 }),
    tomorrows_tokens: anything,
  },
  { requiredKeys: ['input_tokens', 'output_tokens'] },
);
const stop = fc.oneof(
  fc
    .constantFrom('end_turn', 'max_tokens', 'tool_use', 'pause_turn', 'model_context_window_exceeded', 'compaction')
    .map((stop_reason) => ({ stop_reason, stop_sequence: null, stop_details: null })),
  text.map((stop_sequence) => ({ stop_reason: 'stop_sequence', stop_sequence })),
  fc.record({ category: nullable(id), explanation: nullable(text) }).map((details) => ({
    stop_reason: 'refusal',
    stop_sequence: null,
    stop_details: { type: 'refusal', ...details },
  })),
);
const messageOf = (content: fc.Arbitrary<unknown>, late: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc
    .tuple(
      fc.record(
        {
          id,
          type: fc.constant('message'),
          role: fc.constant('assistant'),
          model: fc.constant('claude-sonnet-5-5'),
          content: fc.array(content, { maxLength: 6 }),
          usage,
          container: nullable(fc.record({ id, expires_at: text, skills: nullable(fc.array(anyObject)) })),
          diagnostics: nullable(anyObject),
          tomorrows_field: anything,
          ...late,
        },
        { requiredKeys: ['id', 'type', 'role', 'model', 'content', 'usage'] },
      ),
      stop,
    )
    .map(([message, end]) => ({ ...message, ...end }));

/** The Message that the real SDK makes of a stream. */
async function accumulate(buffers: readonly Uint8Array[], isBeta: boolean): Promise<Json> {
  const client = new Anthropic({
    apiKey: 'k',
    maxRetries: 0,
    fetch: async () =>
      new Response(new Blob([Buffer.concat(buffers)]).stream(), { headers: { 'content-type': 'text/event-stream' } }),
  });
  const params = { model: 'm', max_tokens: 1, messages: [{ role: 'user' as const, content: 'Hello' }] };
  const stream = isBeta ? client.beta.messages.stream(params) : client.messages.stream(params);
  // `parsed_output` is the SDK's own.
  const { parsed_output, ...message } = (await stream.finalMessage()) as unknown as Json;
  return message;
}

interface Event {
  name: string;
  data: { type: string; index?: number; [field: string]: unknown };
}

function parseEvents(buffers: readonly Buffer[]): Event[] {
  const wire = Buffer.concat(buffers).toString('utf8');
  expect(wire.endsWith('\n\n')).toBe(true);
  return wire
    .slice(0, -2)
    .split('\n\n')
    .map((event) => {
      const [, name = '', data = ''] = /^event: ([a-z_]+)\ndata: ([^\r\n]*)$/.exec(event) ?? [];
      return { name, data: JSON.parse(data) };
    });
}

const replay = (message: unknown) => messageToSse(Buffer.from(JSON.stringify(message)));

describe('replayed and accumulated by the SDK, a Message is itself again', () => {
  test.each([
    ['any block', messageOf(block), false],
    [
      'any beta block',
      messageOf(betaBlock, { context_management: nullable(anyObject), input_transformations: fc.array(anyObject) }),
      true,
    ],
  ])('%s', async (_name, message, isBeta) => {
    await fc.assert(
      fc.asyncProperty(message, fc.boolean(), async (original, isPretty) => {
        const json = JSON.stringify(original, null, isPretty ? 2 : 0);
        const restored = await accumulate([...messageToSse(Buffer.from(json)), PING], isBeta);
        expect(JSON.parse(JSON.stringify(restored))).toEqual(JSON.parse(json));
      }),
      { numRuns: 100 },
    );
  });

  test('the simulator`s answer with every kind of block', async () => {
    const simulator = await startSimulator({ seed: 1, sync: { instant: true } });
    try {
      const answer = await fetch(`${simulator.url}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'claude-sonnet-5-5',
          max_tokens: 2_000,
          messages: [{ role: 'user', content: '[[sim:blocks=all]]' }],
        }),
      });
      const original = Buffer.from(await answer.arrayBuffer());
      expect(JSON.parse(original.toString()).content.length).toBeGreaterThan(10);
      expect(await accumulate(messageToSse(original), false)).toEqual(JSON.parse(original.toString()));
    } finally {
      await simulator.close();
    }
  });
});

test('the grammar of a stream holds for every Message', () => {
  fc.assert(
    fc.property(messageOf(betaBlock), (written) => {
      const message = JSON.parse(JSON.stringify(written));
      const events = parseEvents(replay(message));
      for (const { name, data } of events) expect(data.type).toBe(name);
      expect(events.at(0)?.data.message).toMatchObject({ content: [], stop_reason: null, usage: message.usage });
      let open: number | null = null;
      let next = 0;
      for (const { name, data } of events.slice(1, -2)) {
        if (name === 'content_block_start') {
          expect([open, data.index]).toEqual([null, next]);
          open = next;
        } else {
          expect(data.index).toBe(open);
        }
        if (name === 'content_block_stop') {
          open = null;
          next += 1;
        }
      }
      expect([open, next]).toEqual([null, message.content.length]);
      expect(events.slice(-2).map(({ name }) => name)).toEqual(['message_delta', 'message_stop']);
    }),
  );
});

const frame = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-5-5',
  container: { id: 'container_1' },
  stop_reason: 'tool_use',
  stop_sequence: null,
  stop_details: null,
  usage: {
    input_tokens: 25,
    cache_creation: { ephemeral_5m_input_tokens: 3 },
    output_tokens: 12,
    service_tier: 'batch',
  },
};

test('event by event', () => {
  const events = parseEvents(
    replay({
      ...frame,
      content: [
        { type: 'thinking', thinking: '', signature: 'c2ln' },
        { type: 'text', text: 'Hi', citations: [{ type: 'page_location' }] },
        { type: 'text', text: '', citations: null },
        { type: 'tool_use', id: 'toolu_1', name: 'f', input: {}, caller: { type: 'direct' } },
      ],
    }),
  ).map(({ data }) => data);
  const started = { ...frame, content: [], stop_reason: null };
  expect(events).toEqual([
    { type: 'message_start', message: started },
    { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'c2ln' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '', citations: [] } },
    { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'Hi' } },
    { type: 'content_block_delta', index: 1, delta: { type: 'citations_delta', citation: { type: 'page_location' } } },
    { type: 'content_block_stop', index: 1 },
    { type: 'content_block_start', index: 2, content_block: { type: 'text', text: '', citations: null } },
    { type: 'content_block_stop', index: 2 },
    {
      type: 'content_block_start',
      index: 3,
      content_block: { type: 'tool_use', id: 'toolu_1', name: 'f', input: {}, caller: { type: 'direct' } },
    },
    { type: 'content_block_delta', index: 3, delta: { type: 'input_json_delta', partial_json: '' } },
    { type: 'content_block_delta', index: 3, delta: { type: 'input_json_delta', partial_json: '{}' } },
    { type: 'content_block_stop', index: 3 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null, stop_details: null, container: { id: 'container_1' } },
      usage: { input_tokens: 25, output_tokens: 12 },
    },
    { type: 'message_stop' },
  ]);
});

test('a tool`s input and an unknown block keep every byte of their values', () => {
  const input = '{"float": 1.0,\n "big":12345678901234567890,"e":1E+2,"zero":-0,"a":1,"a":2,"u":"\\u00e9\\ud800"}';
  const unknown = '{"type":"tomorrow","n":[1.0,98765432109876543210]}';
  const usage = '{"input_tokens":1,"output_tokens":2,"ratio":1.50}';
  const message = `{"content":[{"type":"tool_use","id":"t","input": ${input} ,"extra":2.0},${unknown}],"usage":${usage}}`;
  const buffers = messageToSse(Buffer.from(message));
  const pieces = parseEvents(buffers).flatMap(({ data }) => (data.delta as Json | undefined)?.partial_json ?? []);
  expect(pieces.join('')).toBe(input);
  const wire = Buffer.concat(buffers).toString();
  expect(wire).toContain(`"content_block":${unknown}`);
  expect(wire).toContain('"content_block":{"type":"tool_use","id":"t","input": {},"extra":2.0}');
  expect(wire.split(usage)).toHaveLength(3);
});

test('long texts come in pieces that never part a character, in buffers of moderate size', () => {
  const long = `x${'🌍'.repeat(20_000)}`;
  const buffers = replay({ ...frame, content: [{ type: 'text', text: long }] });
  const texts = parseEvents(buffers).flatMap(({ data }) => (data.delta as Json | undefined)?.text ?? []) as string[];
  expect(texts.length).toBeGreaterThan(8);
  expect(texts.every((piece) => piece.isWellFormed())).toBe(true);
  expect(texts.join('')).toBe(long);
  expect(Math.max(...buffers.map(({ length }) => length))).toBeLessThan(64 * 1024);
});

test.each(['', 'null', '[]', '{"id":"m"}', '{"content":null}', '{"content":[}'])('%j is no Message', (json) => {
  expect(() => messageToSse(Buffer.from(json))).toThrow();
});

test('a block that is not what it says is sent whole', () => {
  const content = [1, null, 'text', {}, { type: 'text' }, { type: 'thinking', thinking: 'x' }, { type: 'tool_use' }];
  const starts = parseEvents(replay({ ...frame, content })).filter(({ name }) => name === 'content_block_start');
  expect(starts.map(({ data }) => data.content_block)).toEqual(content);
});

test('ping and error are events of their own', async () => {
  expect(PING.toString()).toBe('event: ping\ndata: {"type":"ping"}\n\n');
  const envelope = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded\n' }, request_id: null };
  const buffer = errorEvent(Buffer.from(JSON.stringify(envelope, null, 2)));
  expect(parseEvents([buffer])).toEqual([{ name: 'error', data: envelope }]);
  await expect(accumulate([PING, buffer], false)).rejects.toThrow(/Overloaded/);
});
