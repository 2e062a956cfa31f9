import type { Sql } from 'postgres';
import type { SavingsAnswer } from '@/lib/contract/spend-metrics';
import { formatUsd } from '@/lib/core/money';
import type { Bucket } from '@/lib/core/time-range';
import { bucketStarts } from './metrics-buckets';
import type { MetricScope } from './metrics-scope';
import { moneyRows } from './rollups/read-money';
import { readPlan } from './rollups/read-plan';

interface Row {
  bucket: number;
  requests: number;
  unpriced: number;
  cost: string | null;
  sync_cost: string | null;
  waste: string | null;
}

/** Money of each bucket beside what the same calls had cost in sync. Every bucket of the range is there. */
export async function readSavings(
  sql: Sql,
  query: MetricScope & { bucket: Bucket; timeZone: string },
): Promise<SavingsAnswer> {
  const starts = bucketStarts(query.range, query.bucket, query.timeZone);
  const plan = await readPlan(sql, query, starts);
  const sums = moneyRows(sql, query, plan, {
    by: ['bucket'],
    sums: ['requests', 'unpriced', 'cost_pico', 'sync_cost_pico', 'waste_pico'],
    starts,
  });
  const rows = await sql<Row[]>`
    select bucket, sum(requests)::float8 as requests, sum(unpriced)::float8 as unpriced, sum(cost_pico) as cost,
      sum(sync_cost_pico) as sync_cost, sum(waste_pico) as waste
    from (${sums}) sums group by 1`;
  const byBucket = new Map(rows.map((row) => [row.bucket, row]));
  return {
    bucket: query.bucket,
    buckets: starts.map((at, i) => {
      const row = byBucket.get(i + 1);
      const cost = BigInt(row?.cost ?? 0);
      const syncCost = BigInt(row?.sync_cost ?? 0);
      return {
        at: new Date(at).toISOString(),
        requests: row?.requests ?? 0,
        unpriced: row?.unpriced ?? 0,
        costUsd: formatUsd(cost),
        syncCostUsd: formatUsd(syncCost),
        savedUsd: formatUsd(syncCost - cost),
        wasteUsd: formatUsd(BigInt(row?.waste ?? 0)),
      };
    }),
  };
}
