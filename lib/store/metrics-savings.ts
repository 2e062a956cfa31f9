import type { Sql } from 'postgres';
import type { SavingsAnswer } from '@/lib/contract/spend-metrics';
import { formatUsd } from '@/lib/core/money';
import type { Bucket } from '@/lib/core/time-range';
import { bucketIds, bucketStarts } from './metrics-buckets';
import { inScope, type MetricScope } from './metrics-scope';

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
  const rows = await sql<Row[]>`
    select width_bucket(r.id, ${bucketIds(starts)}::uuid[]) as bucket, count(*)::int as requests,
      (count(*) filter (where r.unpriced))::int as unpriced,
      sum(r.cost_pico) filter (where not r.unpriced) as cost,
      sum(r.sync_cost_pico) filter (where not r.unpriced) as sync_cost,
      sum(r.waste_pico) filter (where not r.unpriced) as waste
    from requests r where ${inScope(sql, query)} group by 1`;
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
