import { describe, expect, it } from 'vitest';
import { changeOf } from './change';

describe('changeOf', () => {
  it.each([
    [120, 100, 'less', 'bad'],
    [80, 100, 'less', 'good'],
    [120, 100, 'more', 'good'],
    [80, 100, 'more', 'bad'],
    [120, 100, 'neither', 'neutral'],
    [100.1, 100, 'less', 'neutral'],
    // Savings may be negative: from −10 to −5 is a gain.
    [-5, -10, 'more', 'good'],
  ] as const)('%d after %d, where %s is better, is %s', (current, previous, better, meaning) => {
    expect(changeOf(current, previous, better)?.meaning).toBe(meaning);
  });

  it('is silent when there is nothing to compare with', () => {
    expect(changeOf(5, 0, 'less')).toBeNull();
    expect(changeOf(5, null, 'less')).toBeNull();
    expect(changeOf(5, Number.NaN, 'less')).toBeNull();
  });
});
