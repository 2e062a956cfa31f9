import type { Sql } from 'postgres';
import type { CalibrationAnswer } from '@/lib/contract/turnaround-metrics';
import { wilson } from '@/lib/core/estimate/wilson';
import { inScope, type MetricScope, NONE } from './metrics-scope';
import { observed } from './metrics-turnaround';

/** Finer where `auto` decides: it asks for 80 % and more. */
const EDGES = [0, 0.25, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98] as const;

/** The newest ones tell enough, and there may be millions. */
const MOST_CALLS = 50_000;
const HOUR_MS = 3_600_000;

interface Row {
  model: string | null;
  /** `null`: of all bins. */
  bin: number | null;
  calls: number;
  known: number;
  in_time: number;
  batches: number;
  predicted: number | null;
  squares: number | null;
}

/**
 * What `auto` predicted of each call that it sent to batch, that the batch ends within the time it had, beside whether it
 * did. In time: it ended by itself within `h`. Late: it is known to have taken longer, whatever became of it. Neither:
 * open, for it runs, was canceled before, or the call never got into one.
 */
export async function readCalibration(
  sql: Sql,
  scope: MetricScope,
  now: Date | null = null,
): Promise<CalibrationAnswer> {
  const { from, to } = scope.range;
  // A call waits no longer than a day for its batch; the clocks may differ.
  const sentInto = { from: new Date(from.getTime() - HOUR_MS), to: new Date(to.getTime() + 25 * HOUR_MS) };
  const rows = await sql<Row[]>`
    with sent as (
      select r.model, r.batch_id, (r.prediction -> 'F')::float8 as f, (r.prediction -> 'h')::float8 as h
      from requests r where ${inScope(sql, { ...scope, lanes: ['batch'] })}
        and r.prediction is not null
        and jsonb_typeof(r.prediction -> 'F') = 'number' and jsonb_typeof(r.prediction -> 'h') = 'number'
      order by r.id desc limit ${MOST_CALLS}
    ), seen as (
      select msgbatch_id, ended, ms from (${observed(sql, { upstream: scope.upstream, range: sentInto }, now)} offset 0) observed
    ), judged as (
      select sent.*, case when ms > h then false when ended then true end as in_time
      from sent left join seen on msgbatch_id = batch_id
    )
    select model, bin, count(*)::int as calls, count(in_time)::int as known,
      (count(*) filter (where in_time))::int as in_time,
      (count(distinct batch_id) filter (where in_time is not null))::int as batches,
      avg(f) filter (where in_time is not null) as predicted, sum(power(f - in_time::int, 2)) as squares
    from (select *, width_bucket(f, ${[...EDGES]}::float8[]) - 1 as bin from judged) binned
    group by grouping sets ((model, bin), (model)) order by model, bin`;
  const models = new Map<string, Row[]>();
  for (const row of rows) models.set(row.model ?? NONE, [...(models.get(row.model ?? NONE) ?? []), row]);
  return {
    models: [...models]
      .map(([model, bins]) => ofModel(model, bins))
      .sort((a, b) => (b.all?.calls ?? 0) - (a.all?.calls ?? 0)),
  };
}

function ofModel(model: string, rows: readonly Row[]): CalibrationAnswer['models'][number] {
  const all = rows.find(({ bin }) => bin === null);
  return {
    model,
    open: (all?.calls ?? 0) - (all?.known ?? 0),
    all: all && all.known > 0 ? { ...kept(all), brier: (all.squares ?? 0) / all.known } : null,
    bins: rows.flatMap((row) =>
      row.bin === null || row.known === 0
        ? []
        : [{ from: EDGES[row.bin] ?? 0, to: EDGES[row.bin + 1] ?? 1, ...kept(row) }],
    ),
  };
}

function kept({ known, in_time, batches, predicted }: Row) {
  const inTime = in_time / known;
  const [low, high] = wilson(inTime, batches);
  return { calls: known, batches, predicted: predicted ?? 0, inTime, low, high };
}
