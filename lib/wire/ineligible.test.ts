import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchParams } from './batch-params';
import { INELIGIBLE, ineligible } from './ineligible';

const plain = { model: 'claude-sonnet-5-5', max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] };

function judge(body: unknown, anthropicBeta: string[] = []) {
  return ineligible({ bytes: Buffer.from(JSON.stringify(body)), body, anthropicBeta });
}
function judgeText(bytes: Buffer) {
  let body: unknown = null;
  try {
    body = JSON.parse(bytes.toString());
  } catch {}
  return ineligible({ bytes, body, anthropicBeta: [] });
}

test.each([
  ['speed', { speed: 'standard' }],
  ['speed', { speed: 'fast' }],
  ['max_tokens', { max_tokens: 0 }],
  ['max_tokens', { max_tokens: undefined }],
  ['max_tokens', { max_tokens: '10' }],
  ['max_tokens', { max_tokens: 1.5 }],
  ['thread', { thread: { type: 'create' } }],
  ['thread', { store: true }],
  ['thread', { previous_thread_event_id: 'e' }],
  ['cache_hint', { cache_hint: {} }],
  ['context_hint', { context_hint: {} }],
  ['research_preview', { research_preview_2026_02: 'active' }],
  ['fallbacks', { fallbacks: 'default' }],
  ['fallbacks', { fallbacks: [] }],
  ['billing_policy', { billing_policy: { type: 'billing_policy', bill_to: 'user_profile' } }],
  ['fallback_credit', { fallback_credit_token: 't' }],
  ['model', { model: '' }],
  ['model', { model: null }],
  ['messages', { messages: [] }],
  ['messages', { messages: undefined }],
  ['unreadable', { metadata: { user_id: '\ud800' } }],
  ['unreadable', { tools: [{ '\udc00': 1 }] }],
] as const)('%s: %j', (reason, change) => {
  expect(judge({ ...plain, ...change })).toBe(reason);
  expect(INELIGIBLE).toContain(reason);
});

test.each([
  {},
  { stream: true },
  { speed: null, thread: null, store: null, fallbacks: null, cache_hint: null },
  { billing_policy: { bill_to: 'self' }, research_preview_2026_02: 'inactive' },
  { service_tier: 'auto', inference_geo: 'us', tools: [], thinking: { type: 'adaptive' }, tomorrow: '🌍' },
])('%j may go in', (change) => expect(judge({ ...plain, ...change }, ['a,b', 'output-300k-2026-03-24'])).toBeNull());

test('an OAuth login stays out, wherever its value stands', () => {
  expect(judge(plain, ['a', 'b, oauth-2025-04-20'])).toBe('oauth');
  expect(judge(plain, ['not-oauth-2025'])).toBeNull();
});

test('a body that is no object, or no UTF-8, is unreadable', () => {
  for (const body of [null, [], 'text', 7]) expect(judge(body)).toBe('unreadable');
  const bytes = Buffer.from(JSON.stringify({ ...plain, note: 'x' }).replace('"x"', '"\xff"'), 'latin1');
  expect(judgeText(bytes)).toBe('unreadable');
});

test('depth ends at a thousand', () => {
  const nested = (depth: number) => judgeText(Buffer.from(JSON.stringify(plain).replace(/}$/, `,"x":${deep(depth)}}`)));
  const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  expect(nested(999)).toBeNull();
  expect(nested(1_000)).toBe('too_deep');
  expect(nested(50_000)).toBe('too_deep');
});

test('what may go in can be made an item', () => {
  const bytes = Buffer.from(JSON.stringify({ ...plain, stream: true, input: '\u{1f30d}' }));
  fc.assert(
    fc.property(fc.nat({ max: bytes.length - 1 }), fc.uint8Array({ maxLength: 3 }), (at, insert) => {
      const body = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + 1)]);
      if (judgeText(body) === null) batchParams(body);
    }),
  );
});
