import { Backtest, type BacktestResult } from '@/lib/core/backtest/backtest';
import { factsAsked } from '@/lib/core/backtest/facts-asked';
import { TurnaroundByHour } from '@/lib/core/backtest/turnaround-by-hour';
import { type Uuid, uuidTime } from '@/lib/core/ids';
import type { CompiledPolicy } from '@/lib/core/policy/compile';
import type { TimeRange } from '@/lib/core/time-range';
import { BacktestPages, outcomeOf, readBacktestBatches } from '@/lib/store/backtest-rows';
import type { Pools } from '@/lib/store/connect';
import { KnownEstimates, toLoggedCall } from '@/lib/store/logged-calls';
import { loadPriceHistory } from '@/lib/store/prices';
import type { UpstreamScope } from '@/lib/store/request-filter';

/** Calls of the first page, so that there is progress soon, and of the others. */
const FIRST_PAGE = 1_000;
const PAGE = 20_000;
/** Calls that are objects at once. */
const PART = 500;

export interface BacktestScope {
  upstream: UpstreamScope;
  range: TimeRange;
  /** Unix ms. */
  now: number;
}

/** How far it has come; `total` is a guess from the share of the range that is done, until all is. */
export interface Progress {
  done: number;
  total: number;
}

/** Decides every logged call of the range again, page by page; the next page is on its way meanwhile. */
export async function backtestLog(
  pools: Pools,
  policy: CompiledPolicy,
  scope: BacktestScope,
  onProgress: (progress: Progress) => void,
): Promise<BacktestResult> {
  const sql = pools.analytics;
  const { range } = scope;
  const pages = new BacktestPages(sql, scope, factsAsked(policy));
  let nextPage = pages.next(FIRST_PAGE);
  nextPage.catch(() => undefined);
  const [batches, pricesAt] = await Promise.all([readBacktestBatches(sql, scope), loadPriceHistory(pools.admin)]);
  const backtest = new Backtest(policy, new TurnaroundByHour(batches.turnarounds));
  const estimates = new KnownEstimates(sql);
  let done = 0;
  for (let limit = FIRST_PAGE; ; limit = PAGE) {
    const page = await nextPage;
    const isLast = page.calls < limit;
    if (!isLast) nextPage = pages.next(PAGE);
    nextPage.catch(() => undefined);
    for (const rows of page.parts(PART)) {
      await estimates.read(rows.map(({ alike }) => alike));
      for (const row of rows) {
        const call = toLoggedCall(row, row.alike, estimates, pricesAt(uuidTime(row.id)));
        backtest.add(call, outcomeOf(row, batches.doneAt));
      }
    }
    done += page.calls;
    onProgress({ done, total: isLast ? done : guess(done, page.last, range) });
    if (isLast) return backtest.result();
  }
}

function guess(done: number, last: Uuid | null, { from, to }: TimeRange): number {
  const covered = last ? (uuidTime(last) - from.getTime()) / (to.getTime() - from.getTime()) : 1;
  return Math.max(done, Math.round(done / Math.max(covered, 1e-6)));
}
