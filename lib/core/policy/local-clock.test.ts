import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localClock } from './local-clock';

test.each([
  ['UTC', '2026-11-22T23:59:59.999Z', 23, 7],
  ['UTC', '2026-11-23T00:00:00Z', 0, 1],
  ['Europe/Berlin', '2026-11-22T23:30:00Z', 0, 1],
  ['America/Los_Angeles', '2026-11-23T07:59:00Z', 23, 7],
  ['Asia/Kathmandu', '2026-11-22T18:14:59Z', 23, 7],
  ['Asia/Kathmandu', '2026-11-22T18:15:00Z', 0, 1],
  // The hour that summer time skips, and the one that it repeats.
  ['Europe/Berlin', '2026-03-29T00:59:59Z', 1, 7],
  ['Europe/Berlin', '2026-03-29T01:00:00Z', 3, 7],
  ['Europe/Berlin', '2026-10-25T00:30:00Z', 2, 7],
  ['Europe/Berlin', '2026-10-25T01:30:00Z', 2, 7],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z', 2, 7],
])('%s at %s: %i h, day %i', (zone, at, hour, weekday) => {
  const clock = localClock(zone);
  expect([clock.hour(Date.parse(at)), clock.weekday(Date.parse(at))]).toEqual([hour, weekday]);
});

test('what it remembers is what it would find', () => {
  const moment = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
  for (const zone of ['America/New_York', 'Asia/Kolkata', 'Pacific/Chatham', 'Africa/Casablanca']) {
    const clock = localClock(zone);
    fc.assert(
      fc.property(moment, fc.integer({ min: -2_000_000, max: 2_000_000 }), (at, aside) => {
        clock.hour(at.getTime() + aside);
        expect(clock.hour(at.getTime())).toBe(localClock(zone).hour(at.getTime()));
        expect(clock.weekday(at.getTime())).toBe(localClock(zone).weekday(at.getTime()));
      }),
      { numRuns: 100 },
    );
  }
});

test.each([Number.NaN, Infinity, -Infinity, 9e15])('%d is no moment', (at) => {
  expect([localClock('UTC').hour(at), localClock('UTC').weekday(at)]).toEqual([null, null]);
});
