import type { Sql } from 'postgres';
import type { LatencyAnswer } from '@/lib/contract/metrics';
import { wilson } from '@/lib/core/estimate/wilson';
import type { OpenedRecord } from '@/lib/core/request-record';
import type { Lane } from '@/lib/core/request-states';
import { ifEnough, type MetricScope, NONE } from './metrics-scope';
import { hasBatchLane, readTurnaround } from './metrics-turnaround';
import { inRange, isOfUpstream, ofUpstream } from './request-filter';
import type { ReadPlan } from './rollups/plan-read';
import { idsIn, rawScope, readPlan } from './rollups/read-plan';
import { readTimings } from './rollups/read-timings';
import { timedRequest } from './rollups/timings';

type LatencyRow = LatencyAnswer['rows'][number];
type Measure = 'latency' | 'ttft' | 'queue';

const CDF_POINTS = 200;
/** Hundredths, in the order of the answer. */
const PERCENTILES = [50, 90, 95, 99] as const;

/**
 * Latency (of each lane) and time to the first byte (of sync streams), nearest rank over successes by arrival; of the
 * batch lane also turnaround, and how long calls waited until their batch began.
 * @param open what is under way in this process: counted as `pending` beside its model and lane.
 * @param now until when running batches are known to run; `null`: Postgres' own time.
 */
export async function readLatency(
  sql: Sql,
  scope: MetricScope,
  open: readonly OpenedRecord[],
  now: Date | null = null,
): Promise<LatencyAnswer> {
  const plan = await readPlan(sql, scope);
  const [latency, ttft, queue, waiting, turnaround] = await Promise.all([
    readMeasure(sql, scope, plan, 'latency'),
    readMeasure(sql, scope, plan, 'ttft'),
    hasBatchLane(scope) ? readMeasure(sql, { ...scope, lanes: [] }, plan, 'queue') : [],
    countWaiting(sql, scope),
    readTurnaround(sql, scope, now),
  ]);
  const pending = countPending(scope, open);
  const rows = [...latency.map((row) => toRow('latency', row)), ...ttft.map((row) => toRow('ttft', row))];
  for (const row of rows) {
    if (row.measure !== 'latency') continue;
    const name = pendingName(row.model, row.lane);
    row.pending = pending.get(name)?.count ?? 0;
    pending.delete(name);
  }
  for (const { model, lane, count } of pending.values()) {
    rows.push({ ...toRow('latency', { model, lane, n: 0, values: [] }), pending: count });
  }
  return { rows: [...rows, ...turnaround, ...queueRows(queue, waiting)] };
}

interface MeasureRow {
  model: string | null;
  lane: Lane;
  n: number;
  /** Of `CDF_POINTS` equal steps, then of `PERCENTILES`. */
  values: number[];
}

// A hair less than k/200: otherwise the product with n, in floating point, may land above a whole rank.
const SHARES = [
  ...Array.from({ length: CDF_POINTS }, (_, i) => (i + 1 - 1e-9) / CDF_POINTS),
  ...PERCENTILES.map((percentile) => (percentile - 1e-9) / 100),
];

async function readMeasure(sql: Sql, scope: MetricScope, plan: ReadPlan, measure: Measure): Promise<MeasureRow[]> {
  const rows = (await readRolled(sql, scope, plan, measure)) ?? (await readExactly(sql, scope, plan, measure));
  const name = ({ model, lane }: MeasureRow) => `${model ?? '\uffff'} ${lane}`;
  return rows.sort((a, b) => b.n - a.n || (name(a) < name(b) ? -1 : 1));
}

async function readRolled(sql: Sql, scope: MetricScope, plan: ReadPlan, measure: Measure) {
  const timed = await readTimings(sql, scope, plan, { timing: measure, byLane: true });
  return timed?.flatMap(({ model, lane, histogram }): MeasureRow[] => {
    const values = inSteps(histogram.quantiles(STEP_ORDER.map((i) => SHARES[i] ?? 1)));
    return lane === null ? [] : [{ model, lane, n: histogram.n, values }];
  });
}

/** A histogram is asked for shares that ascend. */
const STEP_ORDER = SHARES.map((_, i) => i).sort((a, b) => (SHARES[a] ?? 0) - (SHARES[b] ?? 0));

function inSteps(ascending: readonly number[]): number[] {
  const values: number[] = [];
  STEP_ORDER.forEach((at, i) => {
    values[at] = ascending[i] ?? 0;
  });
  return values;
}

async function readExactly(sql: Sql, scope: MetricScope, plan: ReadPlan, measure: Measure): Promise<MeasureRow[]> {
  const attempts = idsIn(sql, plan.raw, sql`a.request_id`);
  const { column, condition, lane, joined } = timedRequest(sql, measure, attempts);
  return sql<MeasureRow[]>`
    select r.model, ${lane} as lane, count(*)::int as n,
      percentile_disc(${SHARES}::float8[]) within group (order by ${column}) as values
    from requests r ${joined}
    where ${rawScope(sql, scope, plan)} and ${condition} and ${column} is not null
    group by 1, 2`;
}

/** Calls whose batch has told nothing yet. */
async function countWaiting(sql: Sql, scope: MetricScope): Promise<Map<string, number>> {
  if (!hasBatchLane(scope)) return new Map();
  const { upstream, range, models = [] } = scope;
  const rows = await sql<{ model: string; waiting: number }[]>`
    select r.model, count(*)::int as waiting from items r
    where ${ofUpstream(sql, upstream)} and r.state in ('queued', 'batched') and ${inRange(sql, range)}
      ${models.length > 0 ? sql`and r.model = any(${[...models]}::text[])` : sql``}
    group by r.model order by r.model`;
  return new Map(rows.map(({ model, waiting }) => [model, waiting]));
}

function queueRows(measured: readonly MeasureRow[], waiting: Map<string, number>): LatencyRow[] {
  const silent = [...waiting.keys()].filter((model) => !measured.some((row) => row.model === model));
  const nothing = silent.map((model): MeasureRow => ({ model, lane: 'batch', n: 0, values: [] }));
  return [...measured, ...nothing].map((row) => ({
    ...toRow('queue', row),
    pending: waiting.get(row.model ?? NONE) ?? 0,
  }));
}

function toRow(measure: Measure, { model, lane, n, values }: MeasureRow): LatencyRow {
  const [p50, p90, p95, p99] = PERCENTILES.map((percentile, i) => ifEnough(percentile, n, values[CDF_POINTS + i]));
  return {
    model: model ?? NONE,
    lane,
    measure,
    n,
    pending: 0,
    p50: p50 ?? null,
    p90: p90 ?? null,
    p95: p95 ?? null,
    p99: p99 ?? null,
    cdf: cdf(values.slice(0, CDF_POINTS), n),
  };
}

/** One point per distinct value: `[ms, share of the calls done by then, and the share's 95 % band]`. */
function cdf(steps: readonly number[], n: number): LatencyRow['cdf'] {
  const points: LatencyRow['cdf'] = [];
  steps.forEach((ms, i) => {
    const share = Math.ceil(((i + 1) * n) / CDF_POINTS) / n;
    const [low, high] = wilson(share, n);
    if (points.at(-1)?.[0] === ms) points.pop();
    points.push([ms, share, low, high]);
  });
  return points;
}

function pendingName(model: string, lane: Lane): string {
  return `${lane} ${model}`;
}

function countPending({ upstream, range, models = [], lanes = [] }: MetricScope, open: readonly OpenedRecord[]) {
  const counts = new Map<string, { model: string; lane: Lane; count: number }>();
  for (const record of open) {
    const model = record.model ?? NONE;
    const inRange = record.arrivedAt >= range.from.getTime() && record.arrivedAt < range.to.getTime();
    const fits = (models.length === 0 || models.includes(model)) && (lanes.length === 0 || lanes.includes(record.lane));
    if (record.endpoint !== 'messages' || !isOfUpstream(record, upstream) || !inRange || !fits) continue;
    const name = pendingName(model, record.lane);
    const known = counts.get(name) ?? { model, lane: record.lane, count: 0 };
    known.count++;
    counts.set(name, known);
  }
  return counts;
}
