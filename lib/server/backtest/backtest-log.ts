import { Backtest, type BacktestResult } from '@/lib/core/backtest/backtest';
import { TurnaroundByHour } from '@/lib/core/backtest/turnaround-by-hour';
import { type Uuid, uuidTime } from '@/lib/core/ids';
import type { CompiledPolicy } from '@/lib/core/policy/compile';
import type { TimeRange } from '@/lib/core/time-range';
import { outcomeOf, readBacktestBatches, readBacktestPage } from '@/lib/store/backtest-rows';
import type { Pools } from '@/lib/store/connect';
import { KnownEstimates, toLoggedCall } from '@/lib/store/logged-calls';
import { loadPriceHistory } from '@/lib/store/prices';
import type { UpstreamScope } from '@/lib/store/request-filter';

const PAGE = 5_000;

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
  const readPage = (after: Uuid | null) => readBacktestPage(sql, { ...scope, after, limit: PAGE });
  const firstPage = readPage(null);
  firstPage.catch(() => undefined);
  const [batches, pricesAt] = await Promise.all([readBacktestBatches(sql, scope), loadPriceHistory(pools.admin)]);
  const backtest = new Backtest(policy, new TurnaroundByHour(batches.turnarounds));
  const estimates = new KnownEstimates(sql);
  let done = 0;
  for (let rows = await firstPage; rows.length > 0; ) {
    const last = rows.at(-1)?.id ?? null;
    const nextPage = rows.length === PAGE ? readPage(last) : Promise.resolve([]);
    nextPage.catch(() => undefined);
    await estimates.read(rows);
    for (const row of rows) {
      const call = toLoggedCall(row, estimates, pricesAt(uuidTime(row.id)));
      backtest.add(call, outcomeOf(row, batches.doneAt));
    }
    done += rows.length;
    const covered = (uuidTime(last as Uuid) - range.from.getTime()) / (range.to.getTime() - range.from.getTime());
    rows = await nextPage;
    onProgress({ done, total: rows.length === 0 ? done : Math.max(done, Math.round(done / Math.max(covered, 1e-6))) });
  }
  return backtest.result();
}
