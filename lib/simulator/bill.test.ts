import { expect, it } from 'vitest';
import { billPicoUsd } from './bill';
import type { MessageUsage } from './message-usage';

const NOW = Date.parse('2026-11-22');
const usage = (change: Partial<MessageUsage> = {}): MessageUsage => ({
  input_tokens: 1_000,
  output_tokens: 100,
  cache_creation_input_tokens: 50,
  cache_read_input_tokens: 2_000,
  cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 30 },
  server_tool_use: null,
  output_tokens_details: null,
  service_tier: 'standard',
  inference_geo: 'global',
  speed: 'standard',
  ...change,
});

it.each([
  // 1000·2 + 20·2.5 + 30·4 + 2000·0.1 + 100·10 $/MTok
  ['sync', 'claude-sonnet-5-5', usage(), NOW, 3_370_000_000n],
  ['batch', 'claude-sonnet-5-5', usage({ service_tier: 'batch' }), NOW, 1_685_000_000n],
  ['us', 'claude-sonnet-5-5', usage({ inference_geo: 'us' }), NOW, 3_707_000_000n],
  ['us batch', 'claude-sonnet-5-5', usage({ inference_geo: 'us', service_tier: 'batch' }), NOW, 1_853_500_000n],
  ['before the cut', 'claude-sonnet-5-5', usage(), Date.parse('2026-10-06T23:59:59Z'), 3_570_000_000n],
  // 1000·10 + 20·12.5 + 30·20 + 2000·1 + 100·50
  ['fast', 'claude-opus-5', usage({ speed: 'fast' }), NOW, 17_850_000_000n],
  ['haiku', 'claude-haiku-5-5', usage(), NOW, 178_500_000n],
  // 97,951 + 50 + 2,000 tokens is over 100,000: all at the upper tier
  ['haiku, long', 'claude-haiku-5-5', usage({ input_tokens: 97_951 }), NOW, 49_368_000_000n],
  ['haiku, just not long', 'claude-haiku-5-5', usage({ input_tokens: 97_950 }), NOW, 9_873_500_000n],
] as const)('%s', (_name, model, used, at, cost) => {
  expect(billPicoUsd(model, used, at)).toBe(cost);
});

it('does not discount searches, nor price the unknown', () => {
  const searched = {
    server_tool_use: { web_search_requests: 3, web_fetch_requests: 1 },
    service_tier: 'batch',
  } as const;
  expect(billPicoUsd('claude-sonnet-5-5', usage(searched), NOW)).toBe(1_685_000_000n + 30_000_000_000n);
  expect(billPicoUsd('claude-mythos-preview', usage(), NOW)).toBeNull();
});
