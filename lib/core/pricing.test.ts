import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseUsd } from './money';
import { costOf, PriceBook, type PriceRow } from './pricing';
import { NO_TOKENS, readUsage, type TokenCounts } from './usage';

const perMtok = (usd: number) => BigInt(Math.round(usd * 10_000)) * 100n;
const prices = (i: number, o: number, w5: number, w1: number, r: number) => ({
  input: perMtok(i),
  output: perMtok(o),
  cacheWrite5m: perMtok(w5),
  cacheWrite1h: perMtok(w1),
  cacheRead: perMtok(r),
});

function row(over: Partial<PriceRow> = {}): PriceRow {
  return {
    id: 1,
    model: 'claude-sonnet-5-5',
    aliases: [],
    effectiveFrom: new Date('2026-10-07T00:00:00Z'),
    base: prices(2, 10, 2.5, 4, 0.1),
    longContext: null,
    batchPermille: 500,
    geoUsPermille: 1100,
    webSearch: parseUsd('0.01') ?? 0n,
    ...over,
  };
}
const haiku = row({
  model: 'claude-haiku-5-5',
  base: prices(0.1, 0.5, 0.125, 0.2, 0.01),
  longContext: { threshold: 100_000, prices: prices(0.5, 2.5, 0.625, 1, 0.05) },
});
const tokens = (over: Partial<TokenCounts>): TokenCounts => ({ ...NO_TOKENS, ...over });
const sync = { batch: false, geo: 'global' };

describe('cost, against sums made by hand', () => {
  test.each([
    ['25 in, 12 out at 2 and 10', row(), tokens({ input: 25, output: 12 }), sync, '0.00017'],
    ['the same in a batch', row(), tokens({ input: 25, output: 12 }), { ...sync, batch: true }, '0.000085'],
    ['the same in the US', row(), tokens({ input: 25, output: 12 }), { batch: false, geo: 'us' }, '0.000187'],
    ['a US batch', row(), tokens({ input: 25, output: 12 }), { batch: true, geo: 'us' }, '0.0000935'],
    [
      'every category: 1k in, 2k 5m, 3k 1h, 40k read, 500 out',
      row(),
      tokens({ input: 1_000, cacheWrite5m: 2_000, cacheWrite1h: 3_000, cacheRead: 40_000, output: 500 }),
      sync,
      '0.028',
    ],
    ['three web searches, not discounted', row(), tokens({ webSearches: 3 }), { ...sync, batch: true }, '0.03'],
    ['haiku at its threshold', haiku, tokens({ input: 100_000, output: 10 }), sync, '0.010005'],
    ['haiku above: output too', haiku, tokens({ input: 100_001, output: 10 }), sync, '0.0500255'],
    ['haiku above by cache reads', haiku, tokens({ input: 1, cacheRead: 100_000, output: 10 }), sync, '0.0050255'],
    ['haiku above, batch', haiku, tokens({ input: 100_001, output: 10 }), { ...sync, batch: true }, '0.02501275'],
  ])('%s', (_name, price, counts, terms, usd) => {
    expect(costOf(price, { tokens: counts, ...terms })).toBe(parseUsd(usd));
  });

  test('a model that offers no US inference is not multiplied', () => {
    const price = row({ geoUsPermille: null });
    expect(costOf(price, { tokens: tokens({ input: 10 }), batch: false, geo: 'us' })).toBe(parseUsd('0.00002'));
  });

  test('costs add up: tokens priced together or one category at a time', () => {
    const count = fc.nat({ max: 2_000_000 });
    const counts = fc.record({
      input: count,
      output: count,
      cacheRead: count,
      cacheWrite5m: count,
      cacheWrite1h: count,
      webSearches: fc.nat({ max: 20 }),
    });
    const terms = fc.record({ batch: fc.boolean(), geo: fc.constantFrom('us', 'global', null) });
    fc.assert(
      fc.property(counts, terms, (all, how) => {
        const apart = Object.entries(all).reduce(
          (sum, [name, n]) => sum + costOf(row(), { tokens: tokens({ [name]: n }), ...how }),
          0n,
        );
        expect(costOf(row(), { tokens: all, ...how })).toBe(apart);
      }),
    );
  });
});

describe('usage', () => {
  test('without the split by TTL, writes are 5-minute ones', () => {
    const usage = { input_tokens: 1, cache_creation_input_tokens: 7, cache_creation: null };
    expect(readUsage(usage)?.tokens).toMatchObject({ cacheWrite5m: 7, cacheWrite1h: 0 });
  });
  test.each([null, 'x', [], { input_tokens: 'many' }, { output_tokens: -1 }])('%j is no usage', (raw) => {
    expect(readUsage(raw)).toBeNull();
  });
  test.each([
    [{ service_tier: 'priority' }, false],
    [{ speed: 'fast' }, false],
    [{ service_tier: 'standard', speed: 'standard' }, true],
    [{ service_tier: null }, true],
  ])('%j at list price: %s', (usage, expected) => {
    expect(readUsage(usage)?.atListPrice).toBe(expected);
  });
});

describe('the price in force', () => {
  const old = row({ id: 2, effectiveFrom: new Date(0), base: prices(2, 10, 2.5, 4, 0.2) });
  const correction = row({ id: 9, effectiveFrom: old.effectiveFrom });
  const book = new PriceBook([old, row({ id: 1, aliases: ['sonnet'] })]);

  test('is the newest row that has begun', () => {
    expect(book.priceAt('claude-sonnet-5-5', new Date('2026-10-06T23:59:59.999Z'))?.id).toBe(2);
    expect(book.priceAt('claude-sonnet-5-5', new Date('2026-10-07T00:00:00Z'))?.id).toBe(1);
  });
  test('is found by alias, from that row on', () => {
    expect(book.priceAt('sonnet', new Date('2026-11-01'))?.id).toBe(1);
    expect(book.priceAt('sonnet', new Date('2026-09-01'))).toBeNull();
  });
  test('of two rows of one moment is the younger', () => {
    expect(new PriceBook([correction, old]).priceAt('claude-sonnet-5-5', new Date('2026-01-01'))?.id).toBe(9);
  });
  test('knows an alias from a model of its own', () => {
    expect(['sonnet', 'claude-sonnet-5-5', 'nothing'].map((name) => book.modelOfAlias(name))).toEqual([
      'claude-sonnet-5-5',
      null,
      null,
    ]);
    expect(['sonnet', 'claude-sonnet-5-5', 'nothing'].map((name) => book.isModel(name))).toEqual([false, true, false]);
  });
  test('is never taken from a similar name', () => {
    expect(book.priceAt('claude-sonnet-5-5-1', new Date())).toBeNull();
    expect(book.priceAt('__proto__', new Date())).toBeNull();
  });
});
