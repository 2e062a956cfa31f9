import { methods, route } from '@/app/_server';
import { upstreamOf } from '@/app/api/_door/scope';
import type { BillAmounts, ComparedLine } from '@/lib/contract/bills';
import { DOORS } from '@/lib/contract/doors';
import type { BillKind, BillLine } from '@/lib/core/bill/bill-line';
import { type BillCover, compareBills } from '@/lib/core/bill/compare-bills';
import { DAY_MS } from '@/lib/core/duration';
import { ApiError } from '@/lib/core/errors';
import { formatUsd } from '@/lib/core/money';
import { type AttemptDays, readAttemptDays } from '@/lib/store/attempt-days';
import { listBills, readBillLines } from '@/lib/store/bills';

const MOST_DAYS = 100;
/** A statement per day, of which each has the pool's own limit. */
const DEADLINE_MS = 30_000;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(
    DOORS['GET /api/bills/compare'],
    async ({ deps, query: { firstDay, lastDay } }) => {
      const asked = daysOf(firstDay, lastDay);
      const covers = (await listBills(deps.pools.admin)).map(
        (bill): BillCover => ({
          ...bill,
          importedAt: new Date(bill.importedAt),
        }),
      );
      const days = asked.filter((day) => covers.some((cover) => cover.firstDay <= day && day <= cover.lastDay));
      const [theirs, ours] = await Promise.all([
        readBillLines(deps.pools.admin, firstDay, lastDay),
        readAttemptDays(deps.pools.analytics, upstreamOf(deps), days),
      ]);
      const compared = (kind: BillKind) =>
        compareBills(kind, covers, (id) => theirs.get(id) ?? [], ours.lines).map((line) => toAnswer(line, ours));
      return { usage: compared('usage'), cost: compared('cost') };
    },
    DEADLINE_MS,
  ),
});

function daysOf(firstDay: string, lastDay: string): string[] {
  const [from, to] = [Date.parse(firstDay), Date.parse(lastDay)];
  const count = Math.round((to - from) / DAY_MS) + 1;
  if (count < 1) throw new ApiError('invalid_request_error', 'firstDay: must not lie after lastDay');
  if (count > MOST_DAYS) throw new ApiError('invalid_request_error', `lastDay: at most ${MOST_DAYS} days at once`);
  return Array.from({ length: count }, (_, i) => new Date(from + i * DAY_MS).toISOString().slice(0, 10));
}

function toAnswer(line: ReturnType<typeof compareBills>[number], { unpriced }: AttemptDays): ComparedLine {
  return {
    day: line.day,
    model: line.model || null,
    tier: line.tier || null,
    theirs: line.theirs && amounts(line.theirs),
    ours: line.ours && amounts(line.ours),
    unpriced: countOf(line, unpriced),
    partial: line.partial,
  };
}

/** Where models or tiers are not told apart, of all of them. */
function countOf(
  { day, model, tier }: BillLine | ReturnType<typeof compareBills>[number],
  of: AttemptDays['unpriced'],
) {
  return [...of].reduce((sum, [id, count]) => {
    const [onDay, ofModel, atTier] = JSON.parse(id) as [string, string, string];
    const fits = onDay === day && (model === '' || model === ofModel) && (tier === '' || tier === atTier);
    return fits ? sum + count : sum;
  }, 0);
}

function amounts({ input, output, cacheRead, cacheWrite, costPico }: BillLine): BillAmounts {
  return { input, output, cacheRead, cacheWrite, costUsd: formatUsd(costPico) };
}
