import { describe, expect, test } from 'vitest';
import { bucketStarts } from './metrics-buckets';

const range = (from: string, to: string) => ({ from: new Date(from), to: new Date(to) });
const iso = (starts: number[]) => starts.map((start) => new Date(start).toISOString().slice(0, 16));

describe('bucketStarts', () => {
  test('covers the range, from the bucket that it begins in', () => {
    expect(iso(bucketStarts(range('2026-11-22T10:07:00Z', '2026-11-22T10:20:00Z'), '5m', 'UTC'))).toEqual([
      '2026-11-22T10:05',
      '2026-11-22T10:10',
      '2026-11-22T10:15',
    ]);
  });

  test('a range that begins on a boundary begins with that bucket, and `to` is outside', () => {
    expect(iso(bucketStarts(range('2026-11-21T00:00:00Z', '2026-11-23T00:00:00Z'), '1d', 'UTC'))).toEqual([
      '2026-11-21T00:00',
      '2026-11-22T00:00',
    ]);
  });

  test('days are cut in the zone: 25 and 23 hours where the clocks change', () => {
    expect(iso(bucketStarts(range('2026-10-24T22:00:00Z', '2026-10-26T23:00:00Z'), '1d', 'Europe/Berlin'))).toEqual([
      '2026-10-24T22:00',
      '2026-10-25T23:00',
    ]);
    expect(iso(bucketStarts(range('2026-03-28T23:00:00Z', '2026-03-30T22:00:00Z'), '1d', 'Europe/Berlin'))).toEqual([
      '2026-03-28T23:00',
      '2026-03-29T22:00',
    ]);
  });

  test('six hours follow the wall clock over a change of the clocks', () => {
    expect(iso(bucketStarts(range('2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'), '6h', 'Europe/Berlin'))).toEqual([
      '2026-10-24T22:00',
      '2026-10-25T05:00',
      '2026-10-25T11:00',
      '2026-10-25T17:00',
    ]);
    expect(iso(bucketStarts(range('2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'), '6h', 'Europe/Berlin'))).toEqual([
      '2026-03-28T23:00',
      '2026-03-29T04:00',
      '2026-03-29T10:00',
      '2026-03-29T16:00',
    ]);
  });

  test('the hour that comes twice is two buckets; a day has 25 of them', () => {
    expect(bucketStarts(range('2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'), '1h', 'Europe/Berlin')).toHaveLength(25);
    expect(bucketStarts(range('2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'), '1h', 'Europe/Berlin')).toHaveLength(23);
  });

  test('a zone of half hours has its own hours', () => {
    expect(iso(bucketStarts(range('2026-11-22T10:00:00Z', '2026-11-22T11:00:00Z'), '1h', 'Asia/Kolkata'))).toEqual([
      '2026-11-22T09:30',
      '2026-11-22T10:30',
    ]);
  });

  test('a day whose midnight does not exist begins an hour later', () => {
    // Cairo skips from 00:00 to 01:00 on the last Friday of April.
    expect(iso(bucketStarts(range('2026-04-23T10:00:00Z', '2026-04-25T10:00:00Z'), '1d', 'Africa/Cairo'))).toEqual([
      '2026-04-22T22:00',
      '2026-04-23T22:00',
      '2026-04-24T21:00',
    ]);
  });

  test('refuses more buckets than a chart can show', () => {
    expect(() => bucketStarts(range('2026-11-01T00:00:00Z', '2026-11-22T00:00:00Z'), '1m', 'UTC')).toThrow(/bucket/);
  });

  test.each(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/St_Johns'])(
    'ascends without gaps all year in %s',
    (zone) => {
      const starts = bucketStarts(range('2026-01-01T12:00:00Z', '2026-12-31T12:00:00Z'), '6h', zone);
      const lengths = starts.slice(1).map((start, i) => (start - (starts[i] ?? 0)) / 3_600_000);
      expect(Math.min(...lengths)).toBeGreaterThanOrEqual(5);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(7);
    },
  );
});
