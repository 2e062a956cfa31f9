import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearAxis, logAxis } from './axis';

describe('linearAxis', () => {
  it.each([
    [0, [0, 1]],
    [1, [0, 0.5, 1]],
    [1.72, [0, 0.5, 1, 1.5, 2]],
    [97, [0, 50, 100]],
    [0.0003, [0, 0.0001, 0.0002, 0.0003]],
  ])('up to %s has the ticks %j', (max, ticks) => {
    expect(linearAxis(max).ticks).toEqual(ticks);
  });

  it('starts at zero and holds the data', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), (max) => {
        const { domain, ticks } = linearAxis(max);
        expect(domain[0]).toBe(0);
        expect(domain[1]).toBeGreaterThanOrEqual(max * (1 - 1e-6));
        expect(ticks.length).toBeLessThanOrEqual(6);
      }),
    );
  });
});

describe('logAxis', () => {
  it('keeps to its usual decades', () => {
    expect(logAxis([0.8, 12, null], [0.1, 100])).toEqual({
      scale: 'log',
      domain: [0.1, 100],
      ticks: [0.1, 1, 10, 100],
    });
  });

  it('grows by whole decades, and never lets a zero in', () => {
    const axis = logAxis([0, 0.004, 5_000], [0.1, 100]);
    expect(axis.domain).toEqual([0.001, 10_000]);
    expect(axis.ticks).toContain(0.01);
  });

  it('has a domain without data', () => {
    expect(logAxis([null, 0], [0.1, 100]).domain).toEqual([0.1, 100]);
  });
});
