import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, formatTolerance, parseDuration, parseTolerance } from './duration';

test.each([
  ['1ms', 1],
  ['30s', 30_000],
  ['10m', 600_000],
  ['24h', DAY_MS],
])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each(['0s', '01s', '25h', '1d', '1.5h', ' 1s', '1s ', '-1s', '1S', '9999999999ms', 'interactive', ''])(
  '%j is no duration',
  (text) => expect(parseDuration(text)).toBeNull(),
);

test('interactive is a tolerance of nothing', () => expect(parseTolerance('interactive')).toBe(0));

test('the shortest spelling means the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: DAY_MS }), (ms) => {
      expect(parseTolerance(formatTolerance(ms))).toBe(ms);
    }),
  );
});
