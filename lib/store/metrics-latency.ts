import type { Sql } from 'postgres';
import type { LatencyAnswer } from '@/lib/contract/metrics';
import { wilson } from '@/lib/core/estimate/wilson';
import { uuidFloor } from '@/lib/core/ids';
import type { OpenedRecord } from '@/lib/core/request-record';
import type { Lane } from '@/lib/core/request-states';
import { ifEnough, inScope, type MetricScope, NONE } from './metrics-scope';
import { hasBatchLane, readTurnaround } from './metrics-turnaround';
import { type Fragment, inRange, isOfUpstream, ofUpstream } from './request-filter';

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
  const [latency, ttft, queue, waiting, turnaround] = await Promise.all([
    readMeasure(sql, scope, { column: sql`r.latency_ms`, condition: SUCCEEDED(sql) }),
    readMeasure(sql, scope, {
      column: sql`r.ttfb_ms`,
      condition: sql`${SUCCEEDED(sql)} and r.lane = 'sync' and r.stream`,
    }),
    readQueue(sql, scope),
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

const SUCCEEDED = (sql: Sql) => sql`r.state = 'succeeded'`;

/** Percentiles of a column of `requests r`, or of what is joined to it. */
function readMeasure(
  sql: Sql,
  scope: MetricScope,
  { column, condition, joined = sql``, lane = sql`r.lane` }: MeasureParts,
) {
  // A hair less than k/200: otherwise the product with n, in floating point, may land above a whole rank.
  const steps = Array.from({ length: CDF_POINTS }, (_, i) => (i + 1 - 1e-9) / CDF_POINTS);
  const fractions = [...steps, ...PERCENTILES.map((percentile) => (percentile - 1e-9) / 100)];
  return sql<MeasureRow[]>`
    select r.model, ${lane} as lane, count(*)::int as n,
      percentile_disc(${fractions}::float8[]) within group (order by ${column}) as values
    from requests r ${joined}
    where ${inScope(sql, scope)} and ${condition} and ${column} is not null
    group by 1, 2 order by n desc, 1, 2`;
}

interface MeasureParts {
  column: Fragment;
  condition: Fragment;
  joined?: Fragment;
  lane?: Fragment;
}

/** From a call's arrival to upstream's word that its batch exists; clocks may differ, waits are not negative. */
function readQueue(sql: Sql, scope: MetricScope) {
  if (!hasBatchLane(scope)) return [];
  const { from, to } = scope.range;
  return readMeasure(
    sql,
    { ...scope, lanes: [] },
    {
      // The first 48 bits of the id are the arrival in ms.
      column: sql`greatest(0, a.began_ms - ('x' || translate(left(r.id::text, 13), '-', ''))::bit(48)::bigint)`,
      condition: sql`true`,
      joined: sql`join (
      select request_id, round(date_part('epoch', min(started_at)) * 1000) as began_ms from attempts
      where lane = 'batch' and request_id >= ${uuidFloor(from.getTime())}::uuid
        and request_id < ${uuidFloor(to.getTime())}::uuid
      group by request_id) a on a.request_id = r.id`,
      lane: sql`'batch'`,
    },
  );
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
