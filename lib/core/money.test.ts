import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatUsd, parseUsd, scale } from './money';

describe('picodollars', () => {
  test.each([
    [0n, '0'],
    [1n, '0.000000000001'],
    [12_500_000n, '0.0000125'],
    [-3_000_000_000_000n, '-3'],
    [1_234_500_000_000_000n, '1234.5'],
  ])('%d p$ is written %s', (pico, text) => {
    expect(formatUsd(pico)).toBe(text);
    expect(parseUsd(text)).toBe(pico);
  });

  test.each(['', '1e3', '1.', '.5', '1,5', '0x1', '1.0000000000001', ' 1'])('%j is no amount', (text) => {
    expect(parseUsd(text)).toBeNull();
  });

  test('writing and reading is the identity', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), (pico) => {
        expect(parseUsd(formatUsd(pico))).toBe(pico);
      }),
    );
  });

  test('scale rounds half up, on both sides of zero', () => {
    expect(scale(1n, 1n, 2n)).toBe(1n);
    expect(scale(-1n, 1n, 2n)).toBe(-1n);
    expect(scale(5n, 1n, 3n)).toBe(2n);
  });
});
