import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { doneBy, doneCdf, kaplanMeier, type Observation } from './kaplan-meier';
import { percentile, quantile } from './percentile';
import { wilson, Z_BOUND } from './wilson';

const ended = (...all: number[]): Observation[] => all.map((ms) => ({ ms, ended: true, weight: 1 }));
const open = (...all: number[]): Observation[] => all.map((ms) => ({ ms, ended: false, weight: 1 }));

const observation = fc.record({
  ms: fc.integer({ min: 0, max: 40 }),
  ended: fc.boolean(),
  weight: fc.double({ min: 1e-3, max: 1, noNaN: true }),
});
const observations = fc.array(observation, { minLength: 1, maxLength: 60 });

describe('the curve', () => {
  test('Kaplan and Meier’s example of eight, with losses', () => {
    // JASA 53 (1958), section 2: deaths at 0.8, 3.1, 5.4, 9.2; losses at 1.0, 2.7, 7.0, 12.1.
    const curve = kaplanMeier([...ended(0.8, 3.1, 5.4, 9.2), ...open(1.0, 2.7, 7.0, 12.1)]);
    const survived = [0.8, 3.1, 5.4, 9.2].map((t) => 1 - doneBy(curve, t));
    const expected = [7 / 8, (7 / 8) * (4 / 5), (7 / 8) * (4 / 5) * (3 / 4), ((7 / 8) * (4 / 5) * (3 / 4)) / 2];
    survived.forEach((share, i) => {
      expect(share).toBeCloseTo(expected[i] as number, 12);
    });
    expect(doneBy(curve, 0.79)).toBe(0);
    expect(doneBy(curve, 99)).toBeCloseTo(1 - (expected[3] as number), 12);
    expect(curve).toMatchObject({ ended: 4, censored: 4 });
  });

  test('without censoring and with equal weights it is the empirical distribution, and n the count', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 80 }), (all) => {
        const curve = kaplanMeier(ended(...all));
        for (let t = -1; t <= 31; t++) {
          expect(doneBy(curve, t)).toBeCloseTo(all.filter((ms) => ms <= t).length / all.length, 9);
        }
        expect(doneBy(curve, 30)).toBe(1);
        curve.n.forEach((n) => {
          expect(n).toBeCloseTo(all.length, 6);
        });
      }),
    );
  });

  test('an observation of twice the weight is two observations; a censored one raises nothing', () => {
    fc.assert(
      fc.property(observations, fc.nat(), (some, pick) => {
        const chosen = some[pick % some.length] as Observation;
        const doubled = some.map((one) => (one === chosen ? { ...one, weight: 2 * one.weight } : one));
        const twice = kaplanMeier([...some, chosen]);
        const heavy = kaplanMeier(doubled);
        const censored = kaplanMeier(some.map((one) => (one === chosen ? { ...one, ended: false } : one)));
        const before = kaplanMeier(some);
        for (let t = 0; t <= 40; t++) {
          expect(doneBy(heavy, t)).toBeCloseTo(doneBy(twice, t), 9);
          expect(doneBy(censored, t)).toBeLessThanOrEqual(doneBy(before, t) + 1e-9);
        }
      }),
    );
  });

  test('a count of some is as many alike', () => {
    fc.assert(
      fc.property(observations, fc.integer({ min: 1, max: 5 }), (some, count) => {
        const each = kaplanMeier(some.flatMap((one) => Array.from({ length: count }, () => one)));
        const counted = kaplanMeier(some.map((one) => ({ ...one, count })));
        expect(counted).toMatchObject({ ms: each.ms, ended: each.ended, censored: each.censored });
        counted.done.forEach((share, i) => {
          expect(share).toBeCloseTo(each.done[i] as number, 9);
          expect(counted.n[i]).toBeCloseTo(each.n[i] as number, 6);
        });
      }),
    );
  });

  test('rises from 0 to at most 1, and its bounds hold the point', () => {
    fc.assert(
      fc.property(observations, (some) => {
        const { ms, done, n } = kaplanMeier(some);
        done.forEach((share, i) => {
          expect(share).toBeGreaterThanOrEqual(done[i - 1] ?? 0);
          expect(share).toBeLessThanOrEqual(1);
          expect(ms[i]).toBeGreaterThan(ms[i - 1] ?? -1);
          const [low, high] = wilson(share, n[i] as number, Z_BOUND);
          expect(low).toBeLessThanOrEqual(share);
          expect(high).toBeGreaterThanOrEqual(share);
          expect(n[i]).toBeGreaterThanOrEqual(0);
          expect(n[i]).toBeLessThanOrEqual(some.length + 1e-6);
        });
      }),
    );
  });

  test('weights are scale-free', () => {
    fc.assert(
      fc.property(observations, fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (some, factor) => {
        const one = kaplanMeier(some);
        const other = kaplanMeier(some.map((item) => ({ ...item, weight: item.weight * factor })));
        expect(other.ms).toEqual(one.ms);
        one.done.forEach((share, i) => {
          expect(other.done[i]).toBeCloseTo(share, 9);
          expect((other.n[i] as number) / (one.n[i] as number) || 1).toBeCloseTo(1, 6);
        });
      }),
    );
  });

  test('nothing at all is a curve too', () => {
    const curve = kaplanMeier([]);
    expect(curve).toEqual({ ms: [], done: [], n: [], ended: 0, censored: 0 });
    expect(doneBy(curve, 5)).toBe(0);
    expect(quantile(curve, 0.5)).toBeNull();
  });
});

describe('the effective number', () => {
  test('is what is left to be seen while nothing has ended', () => {
    const curve = kaplanMeier(open(1, 2, 3));
    expect(curve.ms).toEqual([0, 1, 2, 3]);
    expect(curve.n).toEqual([3, 2, 1, 0]);
  });

  test('is near Kish’s where weights have nothing to do with how long it took', () => {
    const many = Array.from({ length: 400 }, (_, i) => ({ ms: (i * 7919) % 401, ended: true, weight: i % 2 ? 1 : 3 }));
    const n = kaplanMeier(many).n[200] as number;
    expect(n / (800 ** 2 / 2_000)).toBeGreaterThan(0.95);
    expect(n / (800 ** 2 / 2_000)).toBeLessThanOrEqual(1);
  });

  test('is small where one of many censored is the last witness', () => {
    const curve = kaplanMeier([...open(...Array.from({ length: 50 }, () => 5)), ...ended(10)]);
    expect(doneBy(curve, 10)).toBe(1);
    expect(curve.n.at(-1)).toBeCloseTo(1, 9);
  });

  test('agrees with Greenwood, worked out by hand', () => {
    // Two of five end at 1, one is censored at 2, one of two ends at 3.
    const curve = kaplanMeier([...ended(1, 1), ...open(2), ...ended(3), ...open(4)]);
    const left = (3 / 5) * (1 / 2);
    const variance = left ** 2 * (2 / (5 * 3) + 1 / (2 * 1));
    expect(curve.n.at(-1)).toBeCloseTo((left * (1 - left)) / variance, 9);
  });
});

test('nine of ten one-sided bounds hold, censoring and all', () => {
  // Exponential durations, begun evenly over two means before now: F(1) = 1 − 1/e. A fixed generator: no flakes.
  let seed = 7;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed + 0.5) / 2 ** 32;
  };
  const truth = 1 - Math.exp(-1);
  let held = 0;
  const runs = 2_000;
  for (let run = 0; run < runs; run++) {
    const curve = kaplanMeier(
      Array.from({ length: 60 }, () => {
        const [age, took] = [2 * random(), -Math.log(random())];
        return { ms: Math.min(age, took), ended: took <= age, weight: 0.5 + random() };
      }),
    );
    const i = curve.ms.findLastIndex((ms) => ms <= 1);
    const [low] = wilson(curve.done[i] ?? 0, curve.n[i] ?? 0, Z_BOUND);
    if (low <= truth) held++;
  }
  expect(held / runs).toBeGreaterThan(0.94);
  expect(held / runs).toBeLessThan(0.97);
});

describe('percentiles', () => {
  test('are nearest rank where nothing is censored', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 150 }), (all) => {
        const curve = kaplanMeier(ended(...all));
        const sorted = [...all].sort((a, b) => a - b);
        const least = { 50: 5, 90: 10, 95: 20, 99: 100 } as const;
        for (const percent of [50, 90, 95, 99] as const) {
          const rank = Math.ceil((percent * all.length) / 100);
          expect(percentile(curve, percent)).toBe(all.length < least[percent] ? null : sorted[rank - 1]);
        }
      }),
    );
  });

  test('count what ended, and are null where the curve does not get there', () => {
    expect(percentile(kaplanMeier([...ended(1, 2, 3, 4), ...open(9, 9, 9)]), 50)).toBeNull();
    const half = kaplanMeier([
      ...ended(...Array.from({ length: 30 }, (_, i) => i + 1)),
      ...open(...Array(30).fill(99)),
    ]);
    expect(percentile(half, 50)).toBe(30);
    expect(percentile(half, 90)).toBeNull();
  });
});

describe('the distribution to draw', () => {
  test('has every step while there are few, and its band', () => {
    expect(doneCdf(kaplanMeier(ended(1, 2, 2, 4))).map(([ms, share]) => [ms, share])).toEqual([
      [1, 0.25],
      [2, 0.75],
      [4, 1],
    ]);
    const [[, share, low, high] = [0, 0, 0, 0]] = doneCdf(kaplanMeier(ended(1, 2, 2, 4)));
    expect([low, high]).toEqual(wilson(share, 4));
  });

  test('has at most 200 points, the last among them', () => {
    const points = doneCdf(kaplanMeier(ended(...Array.from({ length: 3_000 }, (_, i) => i))));
    expect(points.length).toBeLessThanOrEqual(200);
    expect(points.length).toBeGreaterThan(190);
    expect(points.at(-1)?.slice(0, 2)).toEqual([2_999, 1]);
  });
});

test('Wilson’s interval', () => {
  // Newcombe, Stat. Med. 17 (1998), table I: 81 of 263.
  const [low, high] = wilson(81 / 263, 263);
  expect(low).toBeCloseTo(0.2553, 4);
  expect(high).toBeCloseTo(0.3662, 4);
  expect(wilson(1, 10)[1]).toBe(1);
  expect(wilson(0, 10)[0]).toBe(0);
  expect(wilson(0.5, 0)).toEqual([0, 1]);
});
