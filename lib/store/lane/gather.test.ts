import { expect, it } from 'vitest';
import { gather } from './gather';

it('runs a lone ask at once and gathers what comes meanwhile', async () => {
  const runs: number[][] = [];
  const double = gather(async (asks: readonly number[]) => {
    runs.push([...asks]);
    await new Promise((resolve) => setImmediate(resolve));
    return asks.map((n) => 2 * n);
  }, 3);
  const answers = await Promise.all([1, 2, 3, 4, 5].map(double));
  expect(answers).toEqual([2, 4, 6, 8, 10]);
  expect(runs).toEqual([[1], [2, 3, 4], [5]]);
});

it('lets a bad ask fail alone', async () => {
  const run = gather(async (asks: readonly number[]) => {
    if (asks.includes(3)) throw new Error('not three');
    return asks;
  }, 10);
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(run));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
});
