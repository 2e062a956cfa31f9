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
const price = (usage: unknown, warm?: [tokens: number, of: number]) =>
  priceUsage(book, [null, row.model], 1, usage, warm && { tokens: warm[0], of: warm[1] });

describe('a usage', () => {
  const batch = { input_tokens: 1_000, output_tokens: 100, cache_creation_input_tokens: 4_000, service_tier: 'batch' };

  it('of a batch costs half, and is told what sync would cost', () => {
    // 1,000 · 2 + 4,000 · 2.5 + 100 · 10 = 13,000 $/M
    expect(price(batch)).toEqual({ costPico: '6500000000', syncCostPico: '13000000000', priceId: 7 });
  });

  it('whose prefix the sync lane had warm would have been read there', () => {
    // The estimate of it is a third short: all 4,000 that were written are read at 0.1 instead of 2.5.
    const read = String((1_000 * 2 + 4_000 * 0.1 + 100 * 10) * 1_000_000);
    expect(price(batch, [3_000, 3_000]).syncCostPico).toBe(read);
    expect(price(batch, [5_000, 5_000]).syncCostPico).toBe(read);
    expect(price(batch, [3_000, 3_000]).costPico).toBe('6500000000');
  });

  it('whose prefix was warm up to an earlier mark would have written the rest', () => {
    // A quarter of 4,000 is read, 3,000 are written.
    const syncCost = String((1_000 * 2 + 3_000 * 2.5 + 1_000 * 0.1 + 100 * 10) * 1_000_000);
    expect(price(batch, [750, 3_000]).syncCostPico).toBe(syncCost);
    // The batch itself read those, and wrote the rest.
    const partly = { ...batch, cache_creation_input_tokens: 3_000, cache_read_input_tokens: 1_000 };
    expect(price(partly, [750, 3_000]).syncCostPico).toBe(syncCost);
  });

  it('of which a batch kept nothing would have read what its prefix is thought to have', () => {
    const plain = { input_tokens: 5_000, output_tokens: 100, service_tier: 'batch' };
    expect(price(plain, [3_000, 3_000]).syncCostPico).toBe(String((2_000 * 2 + 3_000 * 0.1 + 100 * 10) * 1_000_000));
  });

  it('that is none costs nothing, and one without a price is not guessed at', () => {
    expect(price(null)).toEqual({ costPico: '0', syncCostPico: '0', priceId: null });
    expect(priceUsage(book, ['claude-unheard-of'], 1, batch).costPico).toBeNull();
  });
});
