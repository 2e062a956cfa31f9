import { expect, test } from 'vitest';
import { batchChart } from './batch-chart';

const at = (hour: number) => `2026-11-20T0${hour}:00:00.000Z`;
const chart = (buckets: Parameters<typeof batchChart>[0]['buckets']) =>
  batchChart({
    bucket: '1h',
    buckets,
    window: { from: Date.parse(at(0)), to: Date.parse(at(2)), now: Date.parse(at(5)) },
    timeZone: 'UTC',
  });

test('batches stand on those that were never sent, with their items beside them', () => {
  const { points, empty, summary, table } = chart([
    { at: at(0), batches: 3, void: 1, items: 1_200 },
    { at: at(1), batches: 0, void: 0, items: 0 },
  ]);
  expect(points.map(({ values, notes }) => [values, notes])).toEqual([
    [{ void: 1, taken: 2 }, { Batches: '1,200 items' }],
    [{ void: 0, taken: 0 }, {}],
  ]);
  expect([empty, summary]).toEqual([false, 'Batches over time: 3 with 1,200 items in total.']);
  expect(table.rows.map((row) => row.slice(2))).toEqual([
    ['3', '1', '1200'],
    ['0', '0', '0'],
  ]);
  expect(chart([{ at: at(0), batches: 0, void: 0, items: 0 }]).empty).toBe(true);
});
