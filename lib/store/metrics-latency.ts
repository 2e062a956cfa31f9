import type { Sql } from 'postgres';
import type { LatencyAnswer } from '@/lib/contract/metrics';
import type { OpenedRecord } from '@/lib/core/request-record';
import type { Lane } from '@/lib/core/request-states';
import { ifEnough, inScope, type MetricScope, NONE } from './metrics-scope';
import { type Fragment, isOfUpstream } from './request-filter';

type LatencyRow = LatencyAnswer['rows'][number];
type Measure = 'latency' | 'ttft';

const CDF_POINTS = 200;
/** z of a two-sided 95 % band. */
const Z = 1.959963984540054;
/** Hundredths, in the order of the answer. */
const PERCENTILES = [50, 90, 95, 99] as const;

/**
 * Latency (of each lane) and time to the first byte (of sync streams), nearest rank over successes by arrival.
 * @param open what is under way in this process: counted as `pending` beside its model and lane.
 */
export async function readLatency(sql: Sql, scope: MetricScope, open: readonly OpenedRecord[]): Promise<LatencyAnswer> {
  const [latency, ttft] = await Promise.all([
    readMeasure(sql, scope, sql`r.latency_ms`, sql`true`),
    readMeasure(sql, scope, sql`r.ttfb_ms`, sql`r.lane = 'sync' and r.stream`),
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
  return { rows };
}

interface MeasureRow {
  model: string | null;
  lane: Lane;
  n: number;
  /** Of `CDF_POINTS` equal steps, then of `PERCENTILES`. */
  values: number[];
}

function readMeasure(sql: Sql, scope: MetricScope, column: Fragment, condition: Fragment) {
  // A hair less than k/200: otherwise the product with n, in floating point, may land above a whole rank.
  const steps = Array.from({ length: CDF_POINTS }, (_, i) => (i + 1 - 1e-9) / CDF_POINTS);
  const fractions = [...steps, ...PERCENTILES.map((percentile) => (percentile - 1e-9) / 100)];
  return sql<MeasureRow[]>`
    select r.model, r.lane, count(*)::int as n,
      percentile_disc(${fractions}::float8[]) within group (order by ${column}) as values
    from requests r
    where ${inScope(sql, scope)} and r.state = 'succeeded' and ${column} is not null and ${condition}
    group by r.model, r.lane order by n desc, r.model, r.lane`;
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

/** Wilson's score interval: honest at the ends, where the usual one leaves [0, 1]. */
export function wilson(share: number, n: number): [low: number, high: number] {
  const z2 = Z * Z;
  const center = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  // In floating point the ends may miss the share by a hair.
  return [Math.max(0, Math.min(share, center - half)), Math.min(1, Math.max(share, center + half))];
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
