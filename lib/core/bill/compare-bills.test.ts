import { expect, test } from 'vitest';
import type { BillLine } from './bill-line';
import { type BillCover, compareBills } from './compare-bills';

const line = (day: string, model: string, tier: string, usd: number): BillLine => ({
  day,
  model,
  tier,
  input: usd * 10,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  costPico: BigInt(usd) * 1_000_000_000_000n,
});
const cover = (id: string, firstDay: string, lastDay: string): BillCover => ({
  id,
  kind: 'cost',
  firstDay,
  lastDay,
  importedAt: new Date('2026-11-22T09:00:00Z'),
});
const seen = (compared: ReturnType<typeof compareBills>) =>
  compared.map(({ day, model, tier, theirs, ours, partial }) => [
    day,
    model,
    tier,
    theirs && Number(theirs.costPico / 1_000_000_000_000n),
    ours && Number(ours.costPico / 1_000_000_000_000n),
    partial,
  ]);

const OURS = [
  line('2026-11-20', 'opus', 'batch', 5),
  line('2026-11-20', 'opus', 'standard', 7),
  line('2026-11-20', 'haiku', 'batch', 1),
  line('2026-11-22', 'opus', 'batch', 2),
  line('2026-11-25', 'opus', 'batch', 3),
];

test('days that an export tells of, line by line; the rest is not compared', () => {
  const theirs = [line('2026-11-20', 'opus', 'batch', 6), line('2026-11-20', 'sonnet', 'standard', 4)];
  const compared = compareBills('cost', [cover('1', '2026-11-20', '2026-11-22')], () => theirs, OURS);
  expect(seen(compared)).toEqual([
    ['2026-11-20', 'haiku', 'batch', null, 1, false],
    ['2026-11-20', 'opus', 'batch', 6, 5, false],
    ['2026-11-20', 'opus', 'standard', null, 7, false],
    ['2026-11-20', 'sonnet', 'standard', 4, null, false],
    ['2026-11-22', 'opus', 'batch', null, 2, true],
  ]);
  expect(compareBills('usage', [cover('1', '2026-11-20', '2026-11-22')], () => theirs, OURS)).toEqual([]);
});

test('what an export does not tell apart is added up on our side', () => {
  const of = (theirs: BillLine[]) =>
    seen(compareBills('cost', [cover('1', '2026-11-20', '2026-11-20')], () => theirs, OURS)).map((row) =>
      row.slice(1, 5),
    );
  expect(of([line('2026-11-20', 'opus', '', 10)])).toEqual([
    ['haiku', '', null, 1],
    ['opus', '', 10, 12],
  ]);
  expect(of([line('2026-11-20', '', 'batch', 6)])).toEqual([
    ['', 'batch', 6, 6],
    ['', 'standard', null, 7],
  ]);
  expect(of([line('2026-11-20', '', '', 20)])).toEqual([['', '', 20, 13]]);
});

test('of two exports of one day the one imported last counts', () => {
  const lines: Record<string, BillLine[]> = {
    '1': [line('2026-11-20', 'opus', 'batch', 1), line('2026-11-22', 'opus', 'batch', 1)],
    '2': [line('2026-11-20', 'opus', 'batch', 9)],
  };
  const covers = [cover('1', '2026-11-20', '2026-11-22'), cover('2', '2026-11-20', '2026-11-20')];
  const compared = compareBills('cost', covers, (id) => lines[id] ?? [], []);
  expect(seen(compared).map(([day, , , theirs]) => [day, theirs])).toEqual([
    ['2026-11-20', 9],
    ['2026-11-22', 1],
  ]);
});
