import { expect, test } from 'vitest';
import { bucketFor, isTimeZone, parseMoment, zoneOffsetMinutes } from './time-range';

const now = new Date('2026-11-22T15:30:45.123Z');
const iso = (text: string, zone?: string) => parseMoment(text, now, zone)?.toISOString() ?? null;

test.each([
  ['now', undefined, '2026-11-22T15:30:45.123Z'],
  ['now-6h', undefined, '2026-11-22T09:30:45.123Z'],
  ['now-30d', undefined, '2026-10-23T15:30:45.123Z'],
  ['now/d', 'UTC', '2026-11-22T00:00:00.000Z'],
  ['now/d', 'Asia/Tokyo', '2026-11-22T15:00:00.000Z'],
  ['now/d', 'America/New_York', '2026-11-22T05:00:00.000Z'],
  ['2026-11-01T00:00:00+02:00', undefined, '2026-10-31T22:00:00.000Z'],
  ['2026-11-01', undefined, '2026-11-01T00:00:00.000Z'],
])('%s in %s is %s', (text, zone, expected) => expect(iso(text, zone)).toBe(expected));

test.each([
  '',
  'yesterday',
  'now+1h',
  '2026-11-01T00:00:00',
  '2026-13-01',
  '2026-02-30',
  '2026-04-31T00:00:00Z',
  'now-6y',
  "'; --",
])('%j is no moment', (text) => expect(iso(text)).toBeNull());

test('a zone has a name: an offset is none, on whatever engine', () => {
  expect(['UTC', 'Europe/Berlin', 'America/St_Johns'].every(isTimeZone)).toBe(true);
  expect(['+02:00', '-0530', '+05', '', 'Mars/Olympus'].some(isTimeZone)).toBe(false);
});

test('midnight before a change of the clocks is midnight', () => {
  const dstDay = new Date('2026-03-29T12:00:00Z');
  expect(parseMoment('now/d', dstDay, 'Europe/Berlin')?.toISOString()).toBe('2026-03-28T23:00:00.000Z');
  expect(zoneOffsetMinutes(dstDay.getTime(), 'Europe/Berlin')).toBe(120);
});

test('a range is drawn with at most 120 points', () => {
  const range = (hours: number) => ({ from: new Date(0), to: new Date(hours * 3_600_000) });
  expect(bucketFor(range(1))).toBe('1m');
  expect(bucketFor(range(6))).toBe('5m');
  expect(bucketFor(range(24))).toBe('15m');
  expect(bucketFor(range(24 * 90))).toBe('1d');
});
