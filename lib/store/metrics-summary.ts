import type { Sql } from 'postgres';
import type { Summary } from '@/lib/contract/metrics';
import { formatUsd } from '@/lib/core/money';
import type { Lane } from '@/lib/core/request-states';
import { ifEnough, type MetricScope, NONE } from './metrics-scope';
import type { ReadPlan } from './rollups/plan-read';
import { moneyRows } from './rollups/read-money';
import { rawScope, readPlan } from './rollups/read-plan';
import { readTimings } from './rollups/read-timings';

/**
 * Sums over the messages that arrived in the range. `errors` counts those that ended failed, refused or interrupted.
 * Unpriced requests are in none of the sums of money.
 */
export async function readSummary(sql: Sql, scope: MetricScope): Promise<Summary> {
  const plan = await readPlan(sql, scope);
  const isTimed = (scope.keys ?? []).length === 0;
  const [sums, latencies] = await Promise.all([
    readSums(sql, scope, plan),
    isTimed ? readLatencies(sql, scope, plan) : [],
  ]);
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
    deadlines: total.deadlines,
    inTime: total.inTime,
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
  deadlines: number;
  in_time: number;
}

class Sums {
  requests = 0;
  deadlines = 0;
  inTime = 0;
  #errors = 0;
  #unpriced = 0;
  #cost = 0n;
  #syncCost = 0n;
  #waste = 0n;

  add(row: SumRow): void {
    this.requests += row.requests;
    this.deadlines += row.deadlines;
    this.inTime += row.in_time;
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

function readSums(sql: Sql, scope: MetricScope, plan: ReadPlan) {
  const rows = moneyRows(sql, scope, plan, {
    by: ['lane', 'model'],
    sums: [
      'requests',
      'failed',
      'refused',
      'interrupted',
      'unpriced',
      'cost_pico',
      'sync_cost_pico',
      'waste_pico',
      'deadlines',
      'in_time',
    ],
  });
  return sql<SumRow[]>`
    select lane, model, sum(requests)::float8 as requests, sum(failed + refused + interrupted)::float8 as errors,
      sum(unpriced)::float8 as unpriced, sum(cost_pico) as cost, sum(sync_cost_pico) as sync_cost, sum(waste_pico) as waste,
      sum(deadlines)::float8 as deadlines, sum(in_time)::float8 as in_time
    from (${rows}) sums group by lane, model`;
}

interface LatencyRow {
  model: string | null;
  n: number;
  p50: number | undefined;
  p95: number | undefined;
}

async function readLatencies(sql: Sql, scope: MetricScope, plan: ReadPlan): Promise<LatencyRow[]> {
  const timed = await readTimings(sql, scope, plan, { timing: 'latency', byLane: false });
  if (timed) {
    return timed.map(({ model, histogram }) => {
      const [p50, p95] = histogram.quantiles([0.5, 0.95]);
      return { model, n: histogram.n, p50, p95 };
    });
  }
  return sql<LatencyRow[]>`
    select r.model, count(*)::int as n,
      percentile_disc(0.5) within group (order by r.latency_ms) as p50,
      percentile_disc(0.95) within group (order by r.latency_ms) as p95
    from requests r where ${rawScope(sql, scope, plan)} and r.state = 'succeeded' and r.latency_ms is not null
    group by r.model`;
}
