import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromWallClock, toWallClock } from './zoned-time';

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia', 'Australia/Lord_Howe'];

describe('fromWallClock', () => {
  it.each([
    ['2026-11-24T14:00', 'Europe/Berlin', '2026-11-24T13:00:00.000Z'],
    ['2026-07-24T14:00', 'Europe/Berlin', '2026-07-24T12:00:00.000Z'],
    // Skipped by the change to summer time: moved forward by the gap.
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    // Happens twice: the first.
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-11-01T01:30', 'America/New_York', '2026-11-01T05:30:00.000Z'],
  ])('%s in %s is %s', (local, zone, expected) => {
    expect(new Date(fromWallClock(local, zone) ?? Number.NaN).toISOString()).toBe(expected);
  });

  it.each(['', 'null', '2026-11-24', '2026-11-24T14', '24.11.2026 14:00'])('refuses %j', (text) => {
    expect(fromWallClock(text, 'UTC')).toBeNull();
  });

  it('is undone by toWallClock wherever the time exists', () => {
    const minutes = fc.integer({ min: 25_000_000, max: 31_000_000 });
    fc.assert(
      fc.property(minutes, fc.constantFrom(...ZONES), (minute, zone) => {
        const local = toWallClock(minute * 60_000, zone);
        const back = fromWallClock(local, zone);
        expect(back).not.toBeNull();
        expect(toWallClock(back ?? 0, zone)).toBe(local);
      }),
    );
  });
});
