import type { Bucket } from '@/lib/core/time-range';
import { linearAxis } from './axis';
import { bucketSpans, type Window } from './buckets';
import { type ChartModel, type ChartSeries, subjectOf } from './chart-model';
import { bareRecord, ownValue } from './own-value';
import { isoInZone, spanLabel, timeTicks } from './time-labels';

export interface CostInput {
  bucket: Bucket;
  /** USD as plain decimals; a series without cost in a bucket is absent there. */
  buckets: readonly { at: string; series: Readonly<Record<string, string>> }[];
  window: Window;
  timeZone: string;
  /** Series beyond this many, by total, are folded into one. */
  limit?: number;
}

export const OTHER = '\u0000other';

/** Spend per bucket, stacked by model: the largest total at the bottom, the small ones folded into Other. */
export function costChart({ bucket, buckets, window, timeZone, limit = 8 }: CostInput): ChartModel {
  const totals = new Map<string, number>();
  for (const { series } of buckets) {
    for (const [name, usd] of Object.entries(series)) totals.set(name, (totals.get(name) ?? 0) + Number(usd));
  }
  const ranked = [...totals.keys()].sort((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0) || a.localeCompare(b));
  const kept = ranked.length > limit ? ranked.slice(0, limit - 1) : ranked;
  const folded = ranked.slice(kept.length);

  const series: ChartSeries[] = kept.map((model) => ({
    id: model,
    group: model,
    column: '',
    subject: subjectOf(model),
    weight: 'strong',
  }));
  if (folded.length > 0) {
    series.push({
      id: OTHER,
      group: `Other (${folded.length} models)`,
      column: '',
      subject: { kind: 'other' },
      weight: 'strong',
    });
  }

  const starts = buckets.map(({ at }) => Date.parse(at));
  const spans = bucketSpans(starts, bucket, window);
  let highest = 0;
  const points = spans.map((span, i) => {
    const raw = buckets[i]?.series;
    const values = bareRecord<number>();
    for (const name of kept) values[name] = Number(ownValue(raw, name) ?? 0);
    if (folded.length > 0) values[OTHER] = folded.reduce((sum, name) => sum + Number(ownValue(raw, name) ?? 0), 0);
    highest = Math.max(
      highest,
      Object.values(values).reduce((sum, value) => sum + value, 0),
    );
    return { ...span, label: spanLabel(span.at, span.end, timeZone), values, notes: {} };
  });

  return {
    points,
    series,
    ticks: timeTicks(starts, timeZone),
    y: linearAxis(highest),
    unit: 'usd',
    additive: true,
    summary: summary(ranked, totals),
    table: {
      head: ['from', 'to', ...ranked.map((name) => `${name} (USD)`)],
      rows: spans.map((span, i) => [
        isoInZone(span.at, timeZone),
        isoInZone(span.end, timeZone),
        ...ranked.map((name) => ownValue(buckets[i]?.series, name) ?? '0'),
      ]),
    },
    empty: ranked.length === 0,
  };
}

function summary(ranked: readonly string[], totals: ReadonlyMap<string, number>): string {
  const [largest] = ranked;
  if (largest === undefined) return 'No spend in this range.';
  const sum = [...totals.values()].reduce((a, b) => a + b, 0);
  const share = sum > 0 ? Math.round(((totals.get(largest) ?? 0) / sum) * 100) : 0;
  const models = ranked.length === 1 ? 'one model' : `${ranked.length} models`;
  return `Spend over time, $${sum.toFixed(2)} in total by ${models}; ${largest} has the largest share, ${share} %.`;
}
