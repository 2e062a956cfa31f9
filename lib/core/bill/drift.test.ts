import { expect, test } from 'vitest';
import { driftOf } from './drift';

const side = (tokens: number, costUsd: string) => ({
  input: tokens,
  output: tokens,
  cacheRead: tokens,
  cacheWrite: tokens,
  costUsd,
});

test('ours less theirs, as a share of theirs', () => {
  const lines = [
    { theirs: side(10, '2'), ours: side(11, '1.5') },
    { theirs: null, ours: side(1, '0.25') },
  ];
  expect(driftOf('cost', lines)).toEqual({ theirs: 2, ours: 1.75, gap: -0.25, share: -0.125 });
  expect(driftOf('usage', lines)).toEqual({ theirs: 40, ours: 48, gap: 8, share: 0.2 });
  expect(driftOf('cost', [{ theirs: null, ours: null }]).share).toBeNull();
});
