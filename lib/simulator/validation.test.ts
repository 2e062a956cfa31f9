import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from './start-simulator';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ sync: { instant: true } });
});
afterAll(() => simulator.close());

const OLD = '2023-06-01';
const NEW = '2026-10-21';
const user = (content: unknown) => ({ role: 'user', content });
const base = { model: 'claude-sonnet-5-5', max_tokens: 2_000, messages: [user('Hi')] };
const tool = { name: 'a', input_schema: { type: 'object' } };

async function send(body: unknown, headers: Record<string, string | undefined> = {}) {
  const all = {
    'x-api-key': 'k',
    'anthropic-version': NEW,
    'content-type': 'application/json',
    ...headers,
  };
  const response = await fetch(`${simulator.url}/v1/messages`, {
    method: 'POST',
    headers: Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined),
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const json = await response.json();
  if (response.status !== 200) {
    expect(json.type).toBe('error');
    expect(json.request_id).toBe(response.headers.get('request-id'));
  }
  return [response.status, json.error?.message ?? 'ok'] as [number, string];
}

describe('bodies', () => {
  const haiku45 = { ...base, model: 'claude-haiku-4-5' };
  const cases: [string, object, RegExp | 'ok', Record<string, string>?][] = [
    ['fine', base, 'ok'],
    ['no max_tokens', { ...base, max_tokens: undefined }, /^max_tokens: Field required$/],
    ['no messages', { ...base, messages: [] }, /^messages: at least one message is required$/],
    ['unknown field', { ...base, surprise: 1 }, /^surprise: Extra inputs are not permitted$/],
    ['too many tokens', { ...base, max_tokens: 128_001 }, /^max_tokens: 128001 > 128000, which is the maximum allowed/],
    ['unknown model', { ...base, model: 'claude-3-opus' }, /^model: claude-3-opus$/],
    ['temperature, new version', { ...haiku45, temperature: 1 }, /^temperature: Extra inputs are not permitted$/],
    ['temperature, old version', { ...haiku45, temperature: 0.3 }, 'ok', { 'anthropic-version': OLD }],
    ['temperature, later model', { ...base, temperature: 0.3 }, /^temperature:/, { 'anthropic-version': OLD }],
    ['temperature 1, later model', { ...base, temperature: 1 }, 'ok', { 'anthropic-version': OLD }],
    ['top_k, later model', { ...base, top_k: 5 }, /^top_k:/, { 'anthropic-version': OLD }],
    ['forced tool', { ...base, tools: [tool], tool_choice: { type: 'any' } }, /^tool_choice:/],
    [
      'forced tool, other model',
      { ...base, model: 'claude-opus-5', tools: [tool], tool_choice: { type: 'any' } },
      'ok',
    ],
    ['thinking enabled', { ...base, thinking: { type: 'enabled', budget_tokens: 1024 } }, /^thinking.type/],
    ['thinking enabled, older', { ...haiku45, thinking: { type: 'enabled', budget_tokens: 1024 } }, 'ok'],
    [
      'thinking budget',
      { ...haiku45, thinking: { type: 'enabled', budget_tokens: 9 } },
      /greater than or equal to 1024/,
    ],
    ['thinking adaptive, older', { ...haiku45, thinking: { type: 'adaptive' } }, /^thinking.type/],
    ['thinking disabled', { ...base, model: 'claude-opus-5-5', thinking: { type: 'disabled' } }, /^thinking.type/],
    ['fast', { ...base, speed: 'fast' }, /^speed:/],
    ['fast, Opus', { ...base, model: 'claude-opus-5', speed: 'fast' }, 'ok'],
    ['geo, older', { ...haiku45, inference_geo: 'us' }, /^inference_geo:/],
    ['prefill', { ...base, messages: [user('Hi'), { role: 'assistant', content: 'So' }] }, /prefill/],
    ['prefill, older', { ...haiku45, messages: [user('Hi'), { role: 'assistant', content: 'So' }] }, 'ok'],
    ['pre-warm stream', { ...base, max_tokens: 0, stream: true }, /^max_tokens: 0 is not supported/],
    [
      'assistant document',
      { ...base, messages: [user('Hi'), { role: 'assistant', content: [{ type: 'document' }] }, user('x')] },
      /document blocks are not permitted/,
    ],
    [
      'assistant document, old version',
      { ...base, messages: [user('Hi'), { role: 'assistant', content: [{ type: 'document' }] }, user('x')] },
      'ok',
      { 'anthropic-version': OLD },
    ],
    [
      'user citations',
      { ...base, messages: [user([{ type: 'text', text: 'a', citations: [{ type: 'char_location' }] }])] },
      /citations are not permitted/,
    ],
    [
      'five breakpoints',
      {
        ...base,
        messages: [
          user(Array.from({ length: 5 }, () => ({ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }))),
        ],
      },
      /A maximum of 4 blocks with cache_control may be provided. Found 5./,
    ],
    ['beta field', { ...base, context_management: { edits: [] } }, /^context_management: Extra inputs/],
    [
      'beta field with its beta',
      { ...base, context_management: { edits: [] } },
      'ok',
      { 'anthropic-beta': 'context-management-2025-06-27,claude-code-20250219' },
    ],
    [
      'stray tool result',
      { ...base, messages: [user([{ type: 'tool_result', tool_use_id: 'x' }])] },
      /unexpected `tool_use_id` found in `tool_result` blocks: x/,
    ],
    [
      'long prompt',
      { ...haiku45, messages: [user('x'.repeat(800_100))] },
      /^prompt is too long: \d+ tokens > 200000 maximum$/,
    ],
  ];
  it.each(cases)('%s', async (_name, body, wanted, headers) => {
    const [status, message] = await send(body, headers);
    if (wanted === 'ok') expect([status, message]).toEqual([200, 'ok']);
    else {
      expect(message).toMatch(wanted);
      expect(status).toBe(message.startsWith('model:') ? 404 : 400);
    }
  });

  it('not JSON', async () => {
    expect((await send('{"a":'))[0]).toBe(400);
  });
});

describe('headers', () => {
  it.each([
    ['no key', { 'x-api-key': undefined }, 401, /x-api-key header is required/],
    ['bad key', { 'x-api-key': 'invalid-1' }, 401, /invalid x-api-key/],
    ['bearer', { 'x-api-key': undefined, authorization: 'Bearer k' }, 200, /ok/],
    ['x-api-key wins', { authorization: 'Bearer invalid-1' }, 200, /ok/],
    ['no version', { 'anthropic-version': undefined }, 400, /anthropic-version/],
    ['bad version', { 'anthropic-version': '2024-01-01' }, 400, /anthropic-version/],
    ['known betas', { 'anthropic-beta': 'oauth-2025-04-20, fine-grained-tool-streaming-2025-05-14' }, 200, /ok/],
    [
      'unknown beta',
      { 'anthropic-beta': 'bogus' },
      400,
      /^Unexpected value\(s\) `bogus` for the `anthropic-beta` header/,
    ],
  ])('%s', async (_name, headers, status, message) => {
    const [gotStatus, gotMessage] = await send(base, headers);
    expect(gotMessage).toMatch(message);
    expect(gotStatus).toBe(status);
  });
});

describe('paths and sizes', () => {
  it('404, 405, 413, probes', async () => {
    const headers = { 'x-api-key': 'k', 'anthropic-version': NEW };
    const unknown = await fetch(`${simulator.url}/v1/nothing`, { headers });
    expect([unknown.status, (await unknown.json()).error.type]).toEqual([404, 'not_found_error']);
    expect((await fetch(`${simulator.url}/v1/messages`, { headers })).status).toBe(405);
    expect((await fetch(`${simulator.url}/api/hello`, { method: 'HEAD' })).status).toBe(200);
    const large = await fetch(`${simulator.url}/v1/messages`, {
      method: 'POST',
      headers,
      body: Buffer.alloc(33 * 1024 * 1024),
    }).catch((error: Error) => error);
    // The socket closes while the body is still being written: either outcome is what a caller may see.
    if (large instanceof Response) expect(large.status).toBe(413);
    const encoded = await send(base, { 'content-encoding': 'zstd' });
    expect(encoded[1]).toMatch(/not supported/);
  });
});
