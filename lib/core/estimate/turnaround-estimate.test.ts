import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HALF_LIVES_MS, weighByRecency } from './recency';
import { type BatchTimes, observeBatch, type Turnaround } from './turnaround';
import { estimateDone, estimateTurnaround } from './turnaround-estimate';

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

describe('weights', () => {
  test.each([
    ['a batch a minute: the shortest', every(MINUTE, 500), 15 * MINUTE],
    ['one every four minutes: an hour', every(4 * MINUTE, 500), HOUR],
    ['one every half hour: six hours', every(30 * MINUTE, 500), 6 * HOUR],
    ['one an hour: a day', every(HOUR, 336), DAY],
    ['too few for any: the longest', every(5 * HOUR, 60), DAY],
  ])('%s', (_, turnarounds, halfLifeMs) => {
    const weighed = weighByRecency(turnarounds);
    expect(weighed.halfLifeMs).toBe(halfLifeMs);
    const shorter = HALF_LIVES_MS.indexOf(halfLifeMs as never) - 1;
    if (shorter >= 0 && weighed.nEff >= 30) {
      const factor = (HALF_LIVES_MS[shorter] as number) / halfLifeMs;
      const weights = weighed.observations.map(({ weight }) => weight ** (1 / factor));
      const kish = weights.reduce((a, b) => a + b, 0) ** 2 / weights.reduce((a, b) => a + b * b, 0);
      expect(kish).toBeLessThan(30);
    }
  });

  test('half as much after a half-life, whatever the hour of the newest', () => {
    const { observations, halfLifeMs } = weighByRecency(
      every(MINUTE, 100).map((one) => ({ ...one, createdAt: one.createdAt - DAY })),
    );
    expect(halfLifeMs).toBe(15 * MINUTE);
    expect((observations[15]?.weight as number) / (observations[0]?.weight as number)).toBeCloseTo(0.5, 12);
  });

  test('a burst that has only begun does not shorten the memory', () => {
    const burst = Array.from({ length: 100 }, () => begun(1_000, 1_000, false));
    expect(weighByRecency([...burst, ...every(HOUR, 300)]).halfLifeMs).toBe(DAY);
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

  test('none of a hundred back rules much out; no batch old enough rules nothing out', () => {
    const late = Array.from({ length: 100 }, (_, i) => begun(HOUR + i, HOUR + i, false));
    const estimate = estimateTurnaround(late, NOW);
    expect(estimate && estimateDone(estimate, 10 * MINUTE)).toMatchObject({ share: 0, lower: 0 });
    expect(estimate && estimateDone(estimate, 10 * MINUTE).upper).toBeLessThan(0.05);
    expect(estimate && estimateDone(estimate, 3 * HOUR).upper).toBe(1);
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
