import { describe, expect, it } from 'vitest';
import { isoInZone, spanLabel, timeTicks, zoneLabel } from './time-labels';

const at = (iso: string) => Date.parse(iso);
const hours = (from: string, count: number, step = 1) =>
  Array.from({ length: count }, (_, i) => at(from) + i * step * 3_600_000);

describe('isoInZone', () => {
  it.each([
    ['2026-11-24T13:00:00Z', 'UTC', '2026-11-24T13:00:00Z'],
    ['2026-11-24T13:00:00Z', 'Europe/Berlin', '2026-11-24T14:00:00+01:00'],
    ['2026-07-24T13:00:00Z', 'Europe/Berlin', '2026-07-24T15:00:00+02:00'],
    ['2026-11-24T13:00:00Z', 'America/St_Johns', '2026-11-24T09:30:00-03:30'],
    ['2026-11-24T23:00:00Z', 'Asia/Kathmandu', '2026-11-25T04:45:00+05:45'],
  ])('%s in %s is %s, and names the same moment', (iso, zone, expected) => {
    expect(isoInZone(at(iso), zone)).toBe(expected);
    expect(Date.parse(expected)).toBe(at(iso));
  });
});

describe('zoneLabel', () => {
  it.each([
    ['UTC', 'UTC'],
    ['Europe/Berlin', 'Europe/Berlin (UTC+1)'],
    ['America/New_York', 'America/New York (UTC−5)'],
    ['Asia/Kolkata', 'Asia/Kolkata (UTC+5:30)'],
  ])('%s reads %s in winter', (zone, expected) => {
    expect(zoneLabel(zone, at('2026-11-24T12:00:00Z'))).toBe(expected);
  });
});

describe('spanLabel', () => {
  it('gives times for parts of a day and the date for a day, DST days too', () => {
    expect(spanLabel(at('2026-11-24T13:00:00Z'), at('2026-11-24T14:00:00Z'), 'UTC')).toBe('24 Nov, 13:00–14:00');
    expect(spanLabel(at('2026-10-24T22:00:00Z'), at('2026-10-25T23:00:00Z'), 'Europe/Berlin')).toBe('25 Oct');
  });
});

describe('timeTicks', () => {
  it('stands on round local times and names midnight by its date', () => {
    const ticks = timeTicks(hours('2026-11-23T17:00:00Z', 25), 'Europe/Berlin');
    expect(ticks.map(({ label }) => label)).toEqual(['18:00', '24 Nov', '06:00', '12:00', '18:00']);
  });

  it('does not label more buckets than asked for', () => {
    for (const count of [1, 2, 7, 50, 120, 500]) {
      expect(timeTicks(hours('2026-11-01T00:00:00Z', count), 'UTC', 6).length).toBeLessThanOrEqual(7);
    }
  });

  it('labels days across a DST change', () => {
    const midnights = ['2026-10-23T22:00Z', '2026-10-24T22:00Z', '2026-10-25T23:00Z', '2026-10-26T23:00Z'].map(at);
    const labels = timeTicks(midnights, 'Europe/Berlin').map(({ label }) => label);
    expect(labels).toEqual(['24 Oct', '25 Oct', '26 Oct', '27 Oct']);
  });

  it('has nothing to say of nothing', () => {
    expect(timeTicks([], 'UTC')).toEqual([]);
  });
});
