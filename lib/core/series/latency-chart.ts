import type { Bucket } from '@/lib/core/time-range';
import { logAxis } from './axis';
import { bucketSpans, type Window } from './buckets';
import { type ChartModel, type ChartSeries, subjectOf } from './chart-model';
import { bareRecord, ownValue } from './own-value';
import { isoInZone, spanLabel, timeTicks } from './time-labels';

export type Percentile = 'p50' | 'p95';

interface Measured {
  n: number;
  p50: number | null;
  p95: number | null;
}

export interface LatencyInput {
  bucket: Bucket;
  /** Milliseconds per model; a model without a finished call in a bucket is absent there. */
  buckets: readonly { at: string; series: Readonly<Record<string, Measured>> }[];
  window: Window;
  timeZone: string;
  show: readonly Percentile[];
  limit?: number;
}

const USUAL_SECONDS = [0.1, 100] as const;

/** Percentiles per model on a log axis of seconds. What was not measured is a gap; models beyond the limit are left out. */
export function latencyChart({ bucket, buckets, window, timeZone, show, limit = 8 }: LatencyInput): ChartModel {
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
      weight: percentile === 'p95' && show.length > 1 ? ('light' as const) : ('strong' as const),
    })),
  );

  const starts = buckets.map(({ at }) => Date.parse(at));
  const spans = bucketSpans(starts, bucket, window);
  const points = spans.map((span, i) => {
    const values = bareRecord<number | null>();
    const notes = bareRecord<string>();
    for (const model of kept) {
      const measured = ownValue(buckets[i]?.series, model);
      for (const percentile of show) {
        const id = `${model} ${percentile}`;
        const ms = measured?.[percentile];
        values[id] = ms ? ms / 1000 : null;
      }
      if (measured) notes[model] = `n = ${measured.n}`;
    }
    return { ...span, label: spanLabel(span.at, span.end, timeZone), values, notes };
  });
  const drawn = points.flatMap((point) => Object.values(point.values));

  return {
    points,
    series,
    ticks: timeTicks(starts, timeZone),
    y: logAxis(drawn, USUAL_SECONDS),
    unit: 'seconds',
    additive: false,
    summary: `Latency ${show.join(' and ')} over time, log scale in seconds, ${kept.length === 1 ? 'one model' : `${kept.length} models`}${
      ranked.length > kept.length ? ` (the ${kept.length} with the most calls of ${ranked.length})` : ''
    }. Gaps are times without enough calls.`,
    table: {
      head: ['from', 'to', 'model', 'n', 'p50 (ms)', 'p95 (ms)'],
      rows: spans.flatMap((span, i) =>
        ranked.flatMap((model) => {
          const measured = ownValue(buckets[i]?.series, model);
          if (!measured) return [];
          const [from, to] = [isoInZone(span.at, timeZone), isoInZone(span.end, timeZone)];
          return [[from, to, model, String(measured.n), cell(measured.p50), cell(measured.p95)]];
        }),
      ),
    },
    empty: !drawn.some((value) => value !== null),
  };
}

function cell(ms: number | null): string {
  return ms === null ? '' : String(ms);
}
