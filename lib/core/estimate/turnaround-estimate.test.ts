import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { effectiveN, HALF_LIVES_MS, LEAST_EFFECTIVE, weighByRecency } from './recency';
import { type BatchTimes, observeBatch, type Turnaround } from './turnaround';
import { estimateDone, estimateTurnaround, lastEndedWithin } from './turnaround-estimate';

const NOW = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('what a batch says', () => {
  const NOTHING: BatchTimes = {
    upstreamCreatedAt: null,
    upstreamEndedAt: null,
    seenEndedAt: null,
    cancelRequestedAt: null,
    closedAt: null,
    expiresAt: null,
    expired: 0,
    canceled: 0,
  };
  const created = NOW - HOUR;
  const open = { upstreamCreatedAt: created, expiresAt: created + DAY };
  const over = { ...open, upstreamEndedAt: created + 90_000, seenEndedAt: created + 95_000 };
  test.each<[string, Partial<BatchTimes>, number | null, boolean?]>([
    ['void or unknown: nothing', { closedAt: NOW - 1 }, null],
    ['open: its age', open, HOUR, false],
    ['ended: upstream’s own times', over, 90_000, true],
    ['ended and closed', { ...over, closedAt: NOW - 9 }, 90_000, true],
    ['canceled: until the cancel', { ...over, cancelRequestedAt: created + 60_000 }, 60_000, false],
    ['canceled, not ended yet', { ...open, cancelRequestedAt: created + 60_000 }, 60_000, false],
    ['canceled elsewhere: until its end', { ...over, canceled: 3 }, 90_000, false],
    ['a cancel that came too late', { ...over, cancelRequestedAt: created + 92_000 }, 90_000, true],
    [
      'expired: at 24 h',
      { upstreamCreatedAt: NOW - 2 * DAY, upstreamEndedAt: NOW - DAY + 7, seenEndedAt: NOW - DAY + 9, expired: 1 },
      DAY,
      false,
    ],
    ['open beyond its expiry', { upstreamCreatedAt: NOW - 2 * DAY }, DAY, false],
    ['given up by us: until then', { ...open, closedAt: created + 1_000 }, 1_000, false],
    ['what is known only later is not known', { ...over, seenEndedAt: NOW + 1 }, HOUR, false],
    ['a cancel of later neither', { ...open, cancelRequestedAt: NOW + 1 }, HOUR, false],
    ['upstream’s clock ahead of ours', { upstreamCreatedAt: NOW + 500 }, 0, false],
  ])('%s', (_, times, ms, ended) => {
    const seen = observeBatch({ ...NOTHING, ...times }, NOW);
    expect(seen && [seen.ms, seen.ended]).toEqual(ms === null ? null : [ms, ended]);
  });
});

const begun = (ageMs: number, ms = MINUTE, ended = true): Turnaround => ({ createdAt: NOW - ageMs, ms, ended });
/** One every so many ms, newest first. */
const every = (stepMs: number, count: number) => Array.from({ length: count }, (_, i) => begun(i * stepMs));

/** A world that was another one before: too different to be pooled with. */
const otherWorld = (ageMs: number) => Array.from({ length: 300 }, (_, i) => begun(ageMs + i * MINUTE, 20 * MINUTE + i));

describe('memory', () => {
  const memory = (turnarounds: Turnaround[]) => estimateTurnaround(turnarounds, NOW)?.halfLifeMs;

  test.each([
    ['a batch a minute: the shortest', every(MINUTE, 60), 1 * HOUR, 15 * MINUTE],
    ['one every four minutes: an hour', every(4 * MINUTE, 60), 4 * HOUR, HOUR],
    ['one every half hour: six hours', every(30 * MINUTE, 60), 30 * HOUR, 6 * HOUR],
    ['one an hour: a day', every(HOUR, 60), 60 * HOUR, DAY],
    ['too few for any: the longest', every(5 * HOUR, 20), 100 * HOUR, DAY],
  ])('%s', (_, turnarounds, since, halfLifeMs) => {
    expect(memory([...turnarounds, ...otherWorld(since)])).toBe(halfLifeMs);
  });

  test('the shortest that leaves thirty: a shorter one would leave fewer', () => {
    const spacings = fc.integer({ min: MINUTE / 2, max: 3 * HOUR });
    fc.assert(
      fc.property(spacings, (stepMs) => {
        const turnarounds = [...every(stepMs, 60), ...otherWorld(60 * stepMs)];
        const chosen = HALF_LIVES_MS.indexOf(memory(turnarounds) as (typeof HALF_LIVES_MS)[number]);
        HALF_LIVES_MS.slice(0, chosen).forEach((halfLifeMs) => {
          expect(effectiveN(weighByRecency(turnarounds, halfLifeMs))).toBeLessThan(LEAST_EFFECTIVE);
        });
      }),
      { numRuns: 30 },
    );
  });

  test('is as short whether or not anything has changed', () => {
    expect(memory(every(MINUTE, 400))).toBe(15 * MINUTE);
    const slower = every(MINUTE, 400).map((one, i) => (i < 30 ? { ...one, ms: 10 * MINUTE } : one));
    expect(memory(slower)).toBe(15 * MINUTE);
  });

  test('thirty are enough, 29 are not', () => {
    // All at one moment: each weighs the same, so that the effective number is their count.
    const old = every(HOUR, 60).map((one) => ({ ...one, createdAt: one.createdAt - 2 * DAY }));
    const now = (count: number) => Array.from({ length: count }, () => begun(0));
    expect([memory([...now(29), ...old]), memory([...now(30), ...old])]).toEqual([DAY, 15 * MINUTE]);
  });

  test('weights halve with each half-life, whatever the hour of the newest', () => {
    const past = every(MINUTE, 100).map((one) => ({ ...one, createdAt: one.createdAt - DAY }));
    const weighed = weighByRecency(past, 15 * MINUTE);
    expect((weighed[15]?.weight as number) / (weighed[0]?.weight as number)).toBeCloseTo(0.5, 12);
  });

  test('a burst that has only begun does not shorten it', () => {
    const burst = Array.from({ length: 100 }, () => begun(1_000, 1_000, false));
    expect(memory([...burst, ...every(HOUR, 60), ...otherWorld(60 * HOUR)])).toBe(DAY);
  });
});

describe('an estimate', () => {
  test('nothing seen, or too long ago: none', () => {
    expect(estimateTurnaround([], NOW)).toBeNull();
    expect(estimateTurnaround([begun(15 * DAY)], NOW)).toBeNull();
  });

  test('newer batches outweigh older ones', () => {
    const slow = Array.from({ length: 200 }, (_, i) => begun(5 * HOUR + i * MINUTE, HOUR));
    const quick = Array.from({ length: 100 }, (_, i) => begun(i * MINUTE, MINUTE));
    const estimate = estimateTurnaround([...slow, ...quick], NOW);
    expect(estimate && estimateDone(estimate, MINUTE).share).toBeGreaterThan(0.95);
  });

  test('ten of ten are no certainty', () => {
    const estimate = estimateTurnaround(every(MINUTE, 10), NOW);
    const done = estimate && estimateDone(estimate, MINUTE);
    expect(done?.share).toBe(1);
    expect(done?.lower).toBeGreaterThan(0.7);
    expect(done?.lower).toBeLessThan(0.8);
  });

  test('the rule in numbers: weights, share, effective number and bound', () => {
    // One a minute, every eighth late: with a half-life of 15 minutes, by hand.
    const some = Array.from({ length: 180 }, (_, i) => begun(i * MINUTE, i % 8 === 3 ? 30 * MINUTE : MINUTE));
    const weights = some.map(({ createdAt }) => 2 ** ((createdAt - NOW) / (15 * MINUTE)));
    const sum = (values: number[]) => values.reduce((total, one) => total + one, 0);
    const [one, squares] = [sum(weights), sum(weights.map((weight) => weight ** 2))];
    expect(one ** 2 / squares).toBeGreaterThan(LEAST_EFFECTIVE);
    const estimate = estimateTurnaround(some, NOW);
    expect(estimate).toMatchObject({ halfLifeMs: 15 * MINUTE });
    expect(estimate?.nEff).toBeCloseTo(one ** 2 / squares, 1);
    const share = sum(weights.filter((_, i) => i % 8 !== 3)) / one;
    const done = estimate && estimateDone(estimate, 5 * MINUTE);
    expect(done?.share).toBeCloseTo(share, 3);
    const error = Math.sqrt((share * (1 - share) * squares) / one ** 2);
    expect(done?.lower).toBeCloseTo(share - 1.645 * error, 3);
  });

  test('none of a hundred back rules much out; no batch old enough rules nothing out', () => {
    const late = Array.from({ length: 100 }, (_, i) => begun(HOUR + i, HOUR + i, false));
    const estimate = estimateTurnaround(late, NOW);
    expect(estimate && estimateDone(estimate, 10 * MINUTE)).toMatchObject({ share: 0, lower: 0 });
    expect(estimate && estimateDone(estimate, 10 * MINUTE).upper).toBeLessThan(0.05);
    expect(estimate && estimateDone(estimate, 3 * HOUR).upper).toBe(1);
  });

  test('knows when one last came back in time', () => {
    const estimate = estimateTurnaround([begun(HOUR, 30_000), begun(MINUTE, 90_000), begun(5, 5, false)], NOW);
    const last = (ms: number) => estimate && lastEndedWithin(estimate, ms);
    expect([last(29_999), last(30_000), last(90_000)]).toEqual([NOW - HOUR, NOW - HOUR, NOW - MINUTE]);
    expect(estimate).toMatchObject({ newestAt: NOW - 5, oldestAt: NOW - HOUR });
  });

  test('its bounds hold the point, and the lower one never falls', () => {
    const turnaround = fc.record({
      createdAt: fc.integer({ min: NOW - DAY, max: NOW }),
      ms: fc.integer({ min: 0, max: HOUR }),
      ended: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(turnaround, { minLength: 1, maxLength: 80 }), (some) => {
        const estimate = estimateTurnaround(some, NOW);
        if (!estimate) throw new Error('unexpected');
        let before = 0;
        for (let ms = 0; ms <= HOUR; ms += MINUTE / 2) {
          const { share, lower, upper } = estimateDone(estimate, ms);
          expect(lower).toBeLessThanOrEqual(share);
          expect(upper).toBeGreaterThanOrEqual(share);
          expect(lower).toBeGreaterThanOrEqual(before);
          before = lower;
        }
      }),
    );
  });
});
