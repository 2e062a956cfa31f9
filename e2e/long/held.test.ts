import { expect, it } from 'vitest';
import { benchHeld } from '@/e2e/bench/held';
import '@/e2e/process/patience';

const CALLERS = 10_000;
/** Far above what is measured: a leak, not a slow machine. */
const MOST_MB = 700;

it(`${CALLERS} connections are held and answered, none is reset, in few batches`, async () => {
  const { columns, rows } = await benchHeld([{ calls: CALLERS, perSecond: 1_000, rounds: 0 }]);
  const told = Object.fromEntries(columns.map((column, i) => [column, rows[0]?.[i]]));
  process.stdout.write(`${JSON.stringify(told)}\n`);
  expect(told).toMatchObject({ answered: CALLERS, resets: 0 });
  expect(Number(told.batches)).toBeLessThan(40);
  expect(Number(told['memory held MB'])).toBeLessThan(MOST_MB);
}, 300_000);
