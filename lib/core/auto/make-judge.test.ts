import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_TOKENS_CLASSES, outputClass } from '@/lib/core/estimate/model-estimate';
import type { Turnaround } from '@/lib/core/estimate/turnaround';
import { estimateDone, estimateTurnaround } from '@/lib/core/estimate/turnaround-estimate';
import { marginMs } from '@/lib/core/horizon';
import type { Facts } from '@/lib/core/policy/facts';
import type { JudgedAction } from '@/lib/core/policy/judge';
import type { PriceRow } from '@/lib/core/pricing';
import { expectedCost } from './expected-cost';
import { expectedOutput } from './expected-output';
import { horizonMs } from './horizon';
import { type AutoInputs, makeJudge } from './make-judge';
import { type PrefixState, prefixChances, UNKNOWN_PREFIX } from './prefix-state';

const NOW = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;

// 3 and 15 USD per MTok, as p$ per token.
const PRICES = {
  input: 3_000_000n,
  output: 15_000_000n,
  cacheWrite5m: 3_750_000n,
  cacheWrite1h: 6_000_000n,
  cacheRead: 300_000n,
};
const PRICE: PriceRow = {
  id: 1,
  model: 'm',
  aliases: [],
  effectiveFrom: new Date(0),
  base: PRICES,
  longContext: null,
  batchPermille: 500,
  geoUsPermille: null,
  webSearch: 0n,
};
const ACTION: JudgedAction = {
  lane: 'auto',
  maxMiss: 0.2,
  minSaving: 0.1,
  explore: 0,
  escalate: true,
  deadlineMs: 10 * MINUTE,
  windowMs: 5_000,
  maxItems: 1_000,
};
const FACTS = { requestId: 'opr_1', arrivedAt: NOW } as Facts;

/** `count` batches, one every `everyMs`, that took `ms`. */
const batches = (count: number, ms = MINUTE, everyMs = MINUTE, newestAgeMs = 2 * MINUTE): Turnaround[] =>
  Array.from({ length: count }, (_, i) => ({ createdAt: NOW - newestAgeMs - i * everyMs, ms, ended: true }));
const estimateOf = (turnarounds: readonly Turnaround[]): AutoInputs['estimate'] => ({
  snapshotId: 's',
  turnaround: estimateTurnaround(turnarounds, NOW),
  createLagMs: 1_000,
  collectLagMs: 2_000,
  billedAnywayShare: 1,
  batchReadShare: null,
});
const INPUTS: AutoInputs = {
  estimate: estimateOf(batches(60)),
  price: PRICE,
  tokens: { prefix: 0, other: 2_000, output: 500 },
  prefix: UNKNOWN_PREFIX,
  syncNeedMs: 10_000,
  patienceMs: null,
};
const WARM = { ...UNKNOWN_PREFIX, lastSyncAt: NOW - 30_000, recentUses: 3 };
const judge = (inputs: Partial<AutoInputs> = {}, action: Partial<JudgedAction> = {}) =>
  makeJudge({ ...INPUTS, ...inputs })({ ...ACTION, ...action }, FACTS);

describe('a verdict', () => {
  const everyNth = (nth: number) =>
    batches(60).map((one, i) => (i % nth === nth >> 1 ? { ...one, ms: 30 * MINUTE } : one));
  const mostlyLate = everyNth(2);
  const someLate = everyNth(15);
  test.each<[string, Partial<AutoInputs>, Partial<JudgedAction>, string, string]>([
    ['quick batches, half the price', {}, {}, 'batch', 'auto'],
    ['no price', { price: null }, {}, 'sync', 'unpriced'],
    ['no price is said first', { price: null, estimate: null }, { deadlineMs: 1 }, 'sync', 'unpriced'],
    ['no time is left', {}, { deadlineMs: 15_000 }, 'sync', 'horizon'],
    ['the client has no patience', { patienceMs: 14_000 }, {}, 'sync', 'horizon'],
    ['nothing measured', { estimate: null }, {}, 'sync', 'not_measured'],
    ['nothing measured, explored', { estimate: null }, { explore: 1 }, 'batch', 'explore'],
    ['never explored without escalation', { estimate: null }, { explore: 1, escalate: false }, 'sync', 'not_measured'],
    ['half are late', { estimate: estimateOf(mostlyLate) }, {}, 'sync', 'miss'],
    ['half are late, and that is well known', { estimate: estimateOf(mostlyLate) }, { explore: 1 }, 'sync', 'miss'],
    ['half are late, which is allowed', { estimate: estimateOf(mostlyLate) }, { maxMiss: 0.7 }, 'sync', 'saving'],
    ['a few are late', { estimate: estimateOf(someLate) }, {}, 'batch', 'auto'],
    ['a few are late: no 0.48 are saved', { estimate: estimateOf(someLate) }, { minSaving: 0.48 }, 'sync', 'saving'],
    ['ten of ten do not prove 0.8', { estimate: estimateOf(batches(10)) }, {}, 'sync', 'miss'],
    ['ten of ten are thin', { estimate: estimateOf(batches(10)) }, { explore: 1 }, 'batch', 'explore'],
    ['eleven of eleven prove it', { estimate: estimateOf(batches(11)) }, {}, 'batch', 'auto'],
    [
      'none of ten is thin, and enough',
      { estimate: estimateOf(batches(10, 30 * MINUTE)) },
      { explore: 1 },
      'sync',
      'miss',
    ],
    [
      'late, but long ago',
      { estimate: estimateOf(batches(60, 30 * MINUTE, MINUTE, 16 * MINUTE)) },
      { explore: 1 },
      'batch',
      'explore',
    ],
    [
      'a fifth to two fifths are late: more batches can tell',
      { estimate: estimateOf(everyNth(4)) },
      { explore: 1 },
      'batch',
      'explore',
    ],
    [
      'late for an hour, asked after ten minutes ago',
      { estimate: estimateOf(batches(60, 30 * MINUTE, MINUTE, 14 * MINUTE)) },
      { explore: 1 },
      'sync',
      'miss',
    ],
    ['good, if long ago', { estimate: estimateOf(batches(60, MINUTE, MINUTE, 300 * MINUTE)) }, {}, 'batch', 'auto'],
    ['the cache is warm', { tokens: { prefix: 20_000, other: 200, output: 100 }, prefix: WARM }, {}, 'sync', 'saving'],
    [
      'the cache is warm, explored',
      { estimate: null, tokens: { prefix: 20_000, other: 200, output: 100 }, prefix: WARM },
      { explore: 1 },
      'sync',
      'saving',
    ],
    ['the cache is cold', { tokens: { prefix: 20_000, other: 200, output: 100 } }, {}, 'batch', 'auto'],
    ['nothing short of certainty', {}, { maxMiss: 0 }, 'sync', 'miss'],
  ])('%s', (_, inputs, action, lane, because) => {
    expect(judge(inputs, action)).toMatchObject({ lane, because });
  });

  test('holds every number that it rests on', () => {
    const { prediction } = judge();
    const h = 600_000 - 10_000 - marginMs(600_000) - 5_000 - 3_000;
    const done = INPUTS.estimate?.turnaround && estimateDone(INPUTS.estimate.turnaround, h);
    expect(prediction).toEqual({
      h,
      F: 1,
      lower: done?.lower,
      nEff: done?.n,
      halfLifeMs: INPUTS.estimate?.turnaround?.halfLifeMs,
      q: 0,
      b: 0,
      kappa: 1,
      nu: 0,
      syncCost: 2_000 * 3e6 + 500 * 15e6,
      batchCost: (2_000 * 3e6 + 500 * 15e6) / 2,
      snapshotId: 's',
    });
    expect(judge({ price: null }).prediction).toMatchObject({ h, F: 1, syncCost: null, batchCost: null });
    expect(judge({ estimate: null }).prediction).toMatchObject({ F: null, batchCost: null, snapshotId: null });
  });
});

const share = fc.double({ min: 0, max: 1, noNaN: true });
const tokens = fc.record({ prefix: fc.nat(100_000), other: fc.nat(20_000), output: fc.nat(5_000) });
const turnarounds = fc.array(
  fc.record({
    createdAt: fc.integer({ min: NOW - 600 * MINUTE, max: NOW }),
    ms: fc.integer({ min: 0, max: 30 * MINUTE }),
    ended: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
);
const prefix = fc.record({
  ttl: fc.constantFrom('5m' as const, '1h' as const),
  lastSyncAt: fc.option(fc.integer({ min: NOW - 90 * MINUTE, max: NOW })),
  recentUses: fc.nat(5),
  syncReadShare: fc.option(share),
  batchReadShare: fc.option(share),
  neededRefreshShare: fc.option(share),
});
const inputs = fc.record({
  estimate: fc.option(turnarounds.map((some) => ({ ...(estimateOf(some) as NonNullable<AutoInputs['estimate']>) }))),
  price: fc.option(fc.constant(PRICE), { freq: 9 }),
  tokens,
  prefix,
  syncNeedMs: fc.nat(60_000),
  patienceMs: fc.option(fc.integer({ min: 1_000, max: 60 * MINUTE })),
});
const action = fc.record({
  ...Object.fromEntries(Object.entries(ACTION).map(([name, value]) => [name, fc.constant(value)])),
  maxMiss: share,
  minSaving: share,
  explore: fc.constantFrom(0, 1),
  deadlineMs: fc.integer({ min: 1, max: 60 * MINUTE }),
  windowMs: fc.nat(15 * MINUTE),
}) as fc.Arbitrary<JudgedAction>;

describe('whatever it is given', () => {
  test('auto means: gate and saving, by the numbers that it tells', () => {
    fc.assert(
      fc.property(inputs, action, (given, asked) => {
        const { lane, because, prediction } = makeJudge(given)(asked, FACTS);
        if (!prediction) throw new Error('unexpected');
        const { h, lower, syncCost, batchCost } = prediction;
        const gate = lower !== null && lower >= 1 - asked.maxMiss - 1e-12;
        const saves =
          syncCost !== null && batchCost !== null && syncCost - batchCost >= (asked.minSaving - 1e-12) * syncCost;
        const wanted = (h ?? 0) > 0 && gate && saves;
        expect(because === 'auto').toBe(wanted);
        expect(lane).toBe(because === 'auto' || because === 'explore' ? 'batch' : 'sync');
        if (given.price === null) expect(because).toBe('unpriced');
      }),
      { numRuns: 1_000 },
    );
  });

  test('never to batch what is dearer there even when it comes back', () => {
    fc.assert(
      fc.property(inputs, action, (given, asked) => {
        const warm = { ...given.prefix, lastSyncAt: NOW - 1, syncReadShare: null, batchReadShare: 0 };
        const { lane } = makeJudge({ ...given, prefix: warm })(asked, FACTS);
        const { prefix: P, other, output } = given.tokens;
        const rest = 3 * other + 15 * output;
        if ((3.75 * P + rest) / 2 > 0.3 * P + rest + 1e-6) expect(lane).toBe('sync');
      }),
      { numRuns: 1_000 },
    );
  });

  test('more patience never turns batch into sync', () => {
    fc.assert(
      fc.property(inputs, action, fc.nat(30 * MINUTE), (given, asked, more) => {
        // The prefix does not go cold in the meantime: that is another call then.
        const cold = { ...given.prefix, lastSyncAt: null };
        const decide = makeJudge({ ...given, prefix: cold, patienceMs: null });
        const [sooner, later] = [asked.deadlineMs, asked.deadlineMs + more].map((deadlineMs) =>
          decide({ ...asked, explore: 0, deadlineMs }, FACTS),
        );
        if (sooner?.lane === 'batch') expect(later?.lane).toBe('batch');
      }),
      { numRuns: 1_000 },
    );
  });
});

test('costs, worked out by hand', () => {
  // P = 1,000, U = 100, O = 10, prices 3, 15, 3.75, 0.3 USD per MTok.
  const given = { prefix: 1_000, other: 100, output: 10 };
  const { sync, sending } = expectedCost(PRICE, '5m', given, { q: 0.5, qLater: 0, b: 0.25, nu: 0.1, kappa: 0.5 });
  const rest = 100 * 3e6 + 10 * 15e6;
  expect(sync).toBeCloseTo(0.5 * 0.3e9 + 0.5 * 3.75e9 + rest, 0);
  const batch = (0.25 * 0.3e9 + 0.75 * 3.75e9 + rest) / 2;
  const lost = 0.1 * (3.75e9 - 0.3e9);
  expect(sending(0)).toBeCloseTo(batch + lost, 0);
  expect(sending(0.2)).toBeCloseTo(0.8 * batch + 0.2 * (3.75e9 + rest + 0.5 * batch) + lost, 0);
  const long = { ...PRICE, longContext: { threshold: 1_099, prices: { ...PRICES, input: 6_000_000n } } };
  const cold = { q: 0, qLater: 0, b: 0, nu: 0, kappa: 1 };
  expect(expectedCost(long, '1h', given, cold).sync).toBe(6e9 + 100 * 6e6 + 10 * 15e6);
});

test('the time that a batch has', () => {
  const timing = { deadlineMs: 600_000, syncNeedMs: 20_000, windowMs: 5_000, createLagMs: 1_000, collectLagMs: 3_000 };
  expect(horizonMs(timing)).toBe(600_000 - 20_000 - 13_000 - 5_000 - 4_000);
  // A clock that is behind makes one lag negative; their sum is what passes.
  expect(horizonMs({ ...timing, createLagMs: -2_000 })).toBe(600_000 - 20_000 - 13_000 - 5_000 - 1_000);
  expect(horizonMs({ ...timing, createLagMs: null })).toBe(600_000 - 20_000 - 13_000 - 5_000 - 5_000);
  // Calls do not wait longer for company than a quarter of what they have.
  expect(horizonMs({ ...timing, windowMs: 900_000 })).toBe(567_000 * 0.75 - 4_000);
});

describe('the prefix', () => {
  const seen = (over: Partial<PrefixState>) => prefixChances({ ...WARM, ...over }, NOW, NOW + 4 * MINUTE);
  test('is warm until its TTL after the last sync call is over, at an escalation too', () => {
    expect(seen({})).toMatchObject({ q: 1, qLater: 1, b: 0, nu: 1 });
    expect(seen({ lastSyncAt: NOW - 2 * MINUTE, recentUses: 1 })).toMatchObject({ q: 1, nu: 0 });
    expect(seen({ lastSyncAt: NOW - 2 * MINUTE, recentUses: 1 }).qLater).toBeCloseTo(1 - 1 / Math.E, 12);
    expect(seen({ lastSyncAt: NOW - 6 * MINUTE, recentUses: 0 })).toMatchObject({ q: 0, qLater: 0 });
    expect(seen({ lastSyncAt: NOW - 6 * MINUTE, ttl: '1h' })).toMatchObject({ q: 1, qLater: 1 });
    expect(seen({ lastSyncAt: null, recentUses: 0 })).toMatchObject({ q: 0, qLater: 0, nu: 0 });
  });

  test('what was measured counts', () => {
    expect(seen({ syncReadShare: 0.9, batchReadShare: 0.4, neededRefreshShare: 0.2 })).toEqual({
      q: 0.9,
      qLater: 0.9,
      b: 0.4,
      nu: 0.2,
    });
  });
});

test('output is expected as measured of the key, else of all, else little', () => {
  const [bound] = MAX_TOKENS_CLASSES;
  const estimate = {
    outputTokens: new Map([
      [outputClass('k', bound), 700],
      [outputClass(null, bound), 300],
    ]),
  };
  expect(expectedOutput(estimate, 'k', 1_000)).toBe(700);
  expect(expectedOutput(estimate, 'other', 1_000)).toBe(300);
  expect(expectedOutput(estimate, 'k', 100)).toBe(100);
  expect(expectedOutput(estimate, 'k', 5_000)).toBe(256);
  expect(expectedOutput(null, null, null)).toBe(256);
});
