import { describe, expect, it } from 'vitest';
import { priceUsage } from './price-usage';
import { PriceBook, type PriceRow } from './pricing';

/** Sonnet 5.5: 2, 10, 2.5, 4 and 0.1 $/MTok; a $/MTok is a million picodollars a token. */
const row: PriceRow = {
  id: 7,
  model: 'claude-sonnet-5-5',
  aliases: [],
  effectiveFrom: new Date(0),
  base: {
    input: 2_000_000n,
    output: 10_000_000n,
    cacheWrite5m: 2_500_000n,
    cacheWrite1h: 4_000_000n,
    cacheRead: 100_000n,
  },
  longContext: null,
  batchPermille: 500,
  geoUsPermille: null,
  webSearch: 0n,
};
const book = new PriceBook([row]);
const price = (usage: unknown, warm?: number) => priceUsage(book, [null, row.model], 1, usage, warm);

describe('a usage', () => {
  const batch = { input_tokens: 1_000, output_tokens: 100, cache_creation_input_tokens: 4_000, service_tier: 'batch' };

  it('of a batch costs half, and is told what sync would cost', () => {
    // 1,000 · 2 + 4,000 · 2.5 + 100 · 10 = 13,000 $/M
    expect(price(batch)).toEqual({ costPico: '6500000000', syncCostPico: '13000000000', priceId: 7 });
  });

  it('whose prefix the sync lane had warm would have been read there', () => {
    // 3,000 of the 4,000 written at 0.1 instead of 2.5: 13,000 − 3,000 · 2.4
    expect(price(batch, 3_000).syncCostPico).toBe('5800000000');
    // More than was written: the rest from what was plain input.
    expect(price(batch, 4_500).syncCostPico).toBe(String((500 * 2 + 4_500 * 0.1 + 100 * 10) * 1_000_000));
    expect(price(batch, 9_999).costPico).toBe('6500000000');
  });

  it('that is none costs nothing, and one without a price is not guessed at', () => {
    expect(price(null)).toEqual({ costPico: '0', syncCostPico: '0', priceId: null });
    expect(priceUsage(book, ['claude-unheard-of'], 1, batch).costPico).toBeNull();
  });
});
