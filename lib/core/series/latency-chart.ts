import type { Bucket } from '@/lib/core/time-range';
import { bucketSpans, type Window } from './buckets';
import { type ChartModel, type ChartSeries, subjectOf } from './chart-model';
import { durationAxis } from './duration-axis';
import { bareRecord, ownValue } from './own-value';
import { bucketBefore, type PeriodBefore } from './period-before';
import { isoInZone, spanLabel, timeTicks } from './time-labels';

export const PERCENTILES = ['p50', 'p90', 'p95', 'p99'] as const;
export type Percentile = (typeof PERCENTILES)[number];

type Measured = { n: number; pending?: number } & { [percentile in Percentile]?: number | null };

export interface LatencyInput {
  bucket: Bucket;
  /** Milliseconds per model; a model without a finished call in a bucket is absent there. */
  buckets: readonly { at: string; series: Readonly<Record<string, Measured>> }[];
  window: Window;
  timeZone: string;
  show: readonly Percentile[];
  limit?: number;
  /** What is measured. */
  what?: string;
  /** Where the axis starts and ends, seconds, unless the data needs more. */
  usual?: readonly [number, number];
  /** To be drawn behind, by the first percentile shown. */
  previous?: PeriodBefore<{ at: string; series: Readonly<Record<string, Measured>> }> | undefined;
}

const USUAL_SECONDS = [0.1, 60] as const;

/** Percentiles per model on a log axis of seconds. What was not measured is a gap; models beyond the limit are left out. */
export function latencyChart(input: LatencyInput): ChartModel {
  const {
    bucket,
    buckets,
    window,
    timeZone,
    show,
    limit = 8,
    what = 'Latency',
    usual = USUAL_SECONDS,
    previous,
  } = input;
  const [first] = show;
  const compared = previous && first !== undefined ? { ...previous, percentile: first } : null;
  const calls = new Map<string, number>();
  for (const { series } of buckets) {
    for (const [model, { n }] of Object.entries(series)) calls.set(model, (calls.get(model) ?? 0) + n);
  }
  const ranked = [...calls.keys()].sort((a, b) => (calls.get(b) ?? 0) - (calls.get(a) ?? 0) || a.localeCompare(b));
  const kept = ranked.slice(0, limit);
  const series: ChartSeries[] = kept.flatMap((model) =>
    show.map((percentile) => ({
      id: `${model} ${percentile}`,
      group: model,
      column: percentile,
      subject: subjectOf(model),
      weight: percentile !== 'p50' && show.length > 1 ? ('light' as const) : ('strong' as const),
    })),
  );
  if (compared) {
    for (const model of kept) {
      const column = `${compared.percentile} before`;
      series.push({ id: `${model} ${column}`, group: model, column, subject: subjectOf(model), weight: 'before' });
    }
  }

  const starts = buckets.map(({ at }) => Date.parse(at));
  const spans = bucketSpans(starts, bucket, window);
  const points = spans.map((span, i) => {
    const values = bareRecord<number | null>();
    const notes = bareRecord<string>();
    const before = compared ? bucketBefore(compared, span.at, span.end)?.series : undefined;
    for (const model of kept) {
      if (compared) {
        const ms = ownValue(before, model)?.[compared.percentile];
        values[`${model} ${compared.percentile} before`] = ms ? ms / 1000 : null;
      }
      const measured = ownValue(buckets[i]?.series, model);
      for (const percentile of show) {
        const id = `${model} ${percentile}`;
        const ms = measured?.[percentile];
        values[id] = ms ? ms / 1000 : null;
      }
      if (measured)
        notes[model] = measured.pending ? `n = ${measured.n}, ${measured.pending} run` : `n = ${measured.n}`;
    }
    return { ...span, label: spanLabel(span.at, span.end, timeZone), values, notes };
  });
  const all = buckets.flatMap(({ series }) => Object.values(series));
  const columns = PERCENTILES.filter(
    (name) => ['p50', 'p95'].includes(name) || all.some((one) => one[name] !== undefined),
  );
  const hasPending = all.some(({ pending }) => pending !== undefined);
  const drawn = points.flatMap((point) => Object.values(point.values));
  const y = durationAxis(
    drawn.map((seconds) => seconds && seconds * 1000),
    [usual[0] * 1000, usual[1] * 1000],
  );

  return {
    points,
    series,
    ticks: timeTicks(starts, timeZone),
    y: { ...y, domain: [y.domain[0] / 1000, y.domain[1] / 1000], ticks: y.ticks.map((ms) => ms / 1000) },
    unit: 'seconds',
    additive: false,
    summary: `${what} ${show.join(' and ')} over time, log scale in seconds, ${kept.length === 1 ? 'one model' : `${kept.length} models`}${
      ranked.length > kept.length ? ` (the ${kept.length} with the most of ${ranked.length})` : ''
    }. Gaps are times without enough of them.`,
    table: {
      head: ['from', 'to', 'model', 'n', ...(hasPending ? ['pending'] : []), ...columns.map((name) => `${name} (ms)`)],
      rows: spans.flatMap((span, i) =>
        ranked.flatMap((model) => {
          const measured = ownValue(buckets[i]?.series, model);
          if (!measured) return [];
          const [from, to] = [isoInZone(span.at, timeZone), isoInZone(span.end, timeZone)];
          const counts = [measured.n, ...(hasPending ? [measured.pending ?? 0] : [])].map(String);
          return [[from, to, model, ...counts, ...columns.map((name) => cell(measured[name]))]];
        }),
      ),
    },
    empty: !drawn.some((value) => value !== null),
  };
}

function cell(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '' : String(ms);
}
