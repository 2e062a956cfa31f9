import { describe, expect, test } from 'vitest';
import { sparkOf } from './spark';

const HOUR = 3_600_000;
const at = (hour: number) => new Date(Date.UTC(2026, 10, 21, hour)).toISOString();
const input = (values: (number | null)[], now = 24) => ({
  bucket: '1h' as const,
  buckets: values.map((value, i) => ({ at: at(i), value })),
  window: { from: Date.parse(at(0)), to: Date.parse(at(values.length)), now: Date.parse(at(0)) + now * HOUR },
  read: ({ value }: { value: number | null }) => value,
});

describe('a spark line', () => {
  test('goes from left to right and from the highest value to zero', () => {
    expect(sparkOf(input([0, 4, 2]))).toEqual({
      lines: [
        [
          [0, 1],
          [0.5, 0],
          [1, 0.5],
        ],
      ],
      open: [],
    });
  });

  test('has room for what is below zero', () => {
    expect(sparkOf(input([-1, 3]))?.lines).toEqual([
      [
        [0, 1],
        [1, 0],
      ],
    ]);
  });

  test('leaves a gap where nothing was measured, and draws no zero there', () => {
    expect(sparkOf(input([2, null, 2]))?.lines).toEqual([[[0, 0]], [[1, 0]]]);
  });

  test('tells a bucket that is not over from those that are', () => {
    expect(sparkOf(input([2, 2, 1], 2.5))).toEqual({
      lines: [
        [
          [0, 0],
          [0.5, 0],
        ],
      ],
      open: [
        [0.5, 0],
        [1, 0.5],
      ],
    });
  });

  test('is flat on the ground when there is only zero, and absent when there is nothing', () => {
    expect(sparkOf(input([0, 0]))?.lines).toEqual([
      [
        [0, 1],
        [1, 1],
      ],
    ]);
    expect(sparkOf(input([null, 3]))).toBeNull();
    expect(sparkOf(input([]))).toBeNull();
  });
});
