import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binOf, binValue, Histogram, LAST_BIN } from './histogram';

const ms = fc.double({ min: 0.02, max: 3e9, noNaN: true });
const many = fc.array(ms, { maxLength: 200 });
const of = (values: readonly number[]) => {
  const histogram = new Histogram();
  for (const value of values) histogram.add(binOf(value));
  return histogram;
};
const merged = (...parts: Histogram[]) => {
  const all = new Histogram();
  for (const part of parts) all.merge(part);
  return all;
};
const bytes = (histogram: Histogram) => [...histogram.encode()];

describe('a histogram', () => {
  test('every value is within 2 % of what stands for its bin', () => {
    fc.assert(fc.property(ms, (value) => Math.abs(binValue(binOf(value)) - value) <= 0.02 * value));
  });

  test('merging is commutative and associative, and the same as counting all in one', () => {
    fc.assert(
      fc.property(many, many, many, (a, b, c) => {
        const whole = bytes(of([...a, ...b, ...c]));
        expect(bytes(merged(of(a), of(b), of(c)))).toEqual(whole);
        expect(bytes(merged(of(c), merged(of(b), of(a))))).toEqual(whole);
        expect(bytes(merged(merged(of(a), of(b)), of(c)))).toEqual(whole);
      }),
    );
  });

  test('a quantile is within 2 % of nearest rank', () => {
    fc.assert(
      fc.property(
        fc.array(ms, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (values, share) => {
          const sorted = values.toSorted((a, b) => a - b);
          const exact = sorted[Math.ceil(share * values.length) - 1] ?? Number.NaN;
          const [found = Number.NaN] = of(values).quantiles([share]);
          expect(Math.abs(found - exact)).toBeLessThanOrEqual(0.02 * exact);
        },
      ),
    );
  });

  test('several quantiles at once are those asked one by one', () => {
    fc.assert(
      fc.property(fc.array(ms, { minLength: 1 }), (values) => {
        const shares = [0.1, 0.5, 0.5, 0.9, 0.99, 1];
        expect(of(values).quantiles(shares)).toEqual(shares.flatMap((share) => of(values).quantiles([share])));
      }),
    );
  });

  test('encoded, also one behind the other, it is read as it was', () => {
    fc.assert(
      fc.property(many, many, (a, b) => {
        const read = new Histogram();
        read.addEncoded(Uint8Array.from([...bytes(of(a)), ...bytes(of(b))]));
        expect(bytes(read)).toEqual(bytes(of([...a, ...b])));
        expect(read.n).toBe(a.length + b.length);
      }),
    );
    const huge = new Histogram();
    huge.add(LAST_BIN, 2 ** 40);
    const read = new Histogram();
    read.addEncoded(huge.encode());
    expect(read.n).toBe(2 ** 40);
    expect(() => read.addEncoded(huge.encode().subarray(0, 3))).toThrow(/short/);
  });

  test('nothing has no quantile; what takes no time is 0; the longest stay in the last bin', () => {
    expect(new Histogram().quantiles([0.5])).toEqual([]);
    expect(binValue(binOf(0))).toBe(0);
    expect(binOf(1e12)).toBe(LAST_BIN);
  });
});
