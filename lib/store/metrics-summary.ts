import type { Sql } from 'postgres';
import type { Summary } from '@/lib/contract/metrics';
import { formatUsd } from '@/lib/core/money';
import type { Lane } from '@/lib/core/request-states';
import { ifEnough, inScope, isError, type MetricScope, NONE } from './metrics-scope';

/**
 * Sums over the messages that arrived in the range. `errors` counts those that ended failed, refused or interrupted.
 * Unpriced requests are in none of the sums of money.
 */
export async function readSummary(sql: Sql, scope: MetricScope): Promise<Summary> {
  const [sums, latencies] = await Promise.all([readSums(sql, scope), readLatencies(sql, scope)]);
  const total = new Sums();
  const lanes = new Map<Lane, Sums>();
  const models = new Map<string, Sums>();
  for (const row of sums) {
    total.add(row);
    at(lanes, row.lane).add(row);
    at(models, row.model ?? NONE).add(row);
  }
  const percentiles = new Map(latencies.map((row) => [row.model ?? NONE, row]));
  const byMostRequests = [...models].sort(
    ([a, left], [b, right]) => right.requests - left.requests || (a < b ? -1 : 1),
  );
  return {
    from: scope.range.from.toISOString(),
    to: scope.range.to.toISOString(),
    ...total.all(),
    byLane: [...lanes].sort().map(([lane, laneSums]) => ({
      lane,
      requests: laneSums.requests,
      ...laneSums.money(),
    })),
    byModel: byMostRequests.map(([model, modelSums]) => {
      const { n = 0, p50, p95 } = percentiles.get(model) ?? {};
      return { model, ...modelSums.all(), n, p50: ifEnough(50, n, p50), p95: ifEnough(95, n, p95) };
    }),
  };
}

/** As the raw client reads it: a sum of bigints is text, or `null` of no row. */
interface SumRow {
  lane: Lane;
  model: string | null;
  requests: number;
  errors: number;
  unpriced: number;
  cost: string | null;
  sync_cost: string | null;
  waste: string | null;
}

class Sums {
  requests = 0;
  #errors = 0;
  #unpriced = 0;
  #cost = 0n;
  #syncCost = 0n;
  #waste = 0n;

  add(row: SumRow): void {
    this.requests += row.requests;
    this.#errors += row.errors;
    this.#unpriced += row.unpriced;
    this.#cost += BigInt(row.cost ?? 0);
    this.#syncCost += BigInt(row.sync_cost ?? 0);
    this.#waste += BigInt(row.waste ?? 0);
  }

  money() {
    return {
      costUsd: formatUsd(this.#cost),
      syncCostUsd: formatUsd(this.#syncCost),
      savedUsd: formatUsd(this.#syncCost - this.#cost),
      wasteUsd: formatUsd(this.#waste),
    };
  }

  all() {
    return { requests: this.requests, errors: this.#errors, ...this.money(), unpriced: this.#unpriced };
  }
}

function at<K>(sums: Map<K, Sums>, name: K): Sums {
  const known = sums.get(name) ?? new Sums();
  sums.set(name, known);
  return known;
}

function readSums(sql: Sql, scope: MetricScope) {
  return sql<SumRow[]>`
    select r.lane, r.model, count(*)::int as requests, (count(*) filter (where ${isError(sql)}))::int as errors,
      (count(*) filter (where r.unpriced))::int as unpriced,
      sum(r.cost_pico) filter (where not r.unpriced) as cost,
      sum(r.sync_cost_pico) filter (where not r.unpriced) as sync_cost,
      sum(r.waste_pico) filter (where not r.unpriced) as waste
    from requests r where ${inScope(sql, scope)} group by r.lane, r.model`;
}

function readLatencies(sql: Sql, scope: MetricScope) {
  return sql<{ model: string | null; n: number; p50: number; p95: number }[]>`
    select r.model, count(*)::int as n,
      percentile_disc(0.5) within group (order by r.latency_ms) as p50,
      percentile_disc(0.95) within group (order by r.latency_ms) as p95
    from requests r where ${inScope(sql, scope)} and r.state = 'succeeded' and r.latency_ms is not null
    group by r.model`;
}
