import type { Bucket } from '@/lib/core/time-range';
import { linearAxis } from './axis';
import { bucketSpans, type Window } from './buckets';
import { type ChartModel, type ChartSeries, type Subject, subjectOf } from './chart-model';
import { HUES } from './model-paint';
import { bareRecord, ownValue } from './own-value';
import { bucketBefore, type PeriodBefore } from './period-before';
import { isoInZone, spanLabel, timeTicks } from './time-labels';

export interface CostInput {
  bucket: Bucket;
  /** USD as plain decimals; a series without cost in a bucket is absent there. */
  buckets: readonly { at: string; series: Readonly<Record<string, string>> }[];
  window: Window;
  timeZone: string;
  /** Series beyond this many, by total, are folded into one. */
  limit?: number;
  groupBy?: string;
  /** The period of the same length right before, to be drawn behind. */
  previous?: PeriodBefore<{ at: string; costUsd: string }> | undefined;
}

export const OTHER = '\u0000other';

/** Spend per bucket, stacked by model: the largest total at the bottom, the small ones folded into Other. */
export function costChart(input: CostInput): ChartModel {
  const { bucket, buckets, window, timeZone, limit = 8, groupBy = 'model', previous } = input;
  const noun = groupBy.replace(/^tag\./, '').concat('s');
  const totals = new Map<string, number>();
  for (const { series } of buckets) {
    for (const [name, usd] of Object.entries(series)) totals.set(name, (totals.get(name) ?? 0) + Number(usd));
  }
  const ranked = [...totals.keys()].sort((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0) || a.localeCompare(b));
  const kept = ranked.length > limit ? ranked.slice(0, limit - 1) : ranked;
  const folded = ranked.slice(kept.length);

  const series: ChartSeries[] = kept.map((name, rank) => ({
    id: name,
    group: name,
    column: '',
    subject: subjectIn(groupBy, name, rank),
    weight: 'strong',
  }));
  if (folded.length > 0) {
    series.push({
      id: OTHER,
      group: `Other (${folded.length} ${noun})`,
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

  const before =
    previous &&
    spans.map(({ at, end }) => {
      const found = bucketBefore(previous, at, end);
      return found ? Number(found.costUsd) : null;
    });
  return {
    points,
    series,
    ...(before ? { lines: [{ name: 'Period before', values: before, isDashed: true }] } : {}),
    ticks: timeTicks(starts, timeZone),
    y: linearAxis(Math.max(highest, ...(before ?? []).map((usd) => usd ?? 0))),
    unit: 'usd',
    additive: true,
    summary: summary(ranked, totals, noun),
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

function subjectIn(groupBy: string, name: string, rank: number): Subject {
  if (groupBy === 'lane' && (name === 'sync' || name === 'batch')) return { kind: 'token', token: name };
  const subject = subjectOf(name);
  return groupBy === 'model' || subject.kind === 'other' ? subject : { kind: 'hue', hue: rank % HUES, shade: 0 };
}

function summary(ranked: readonly string[], totals: ReadonlyMap<string, number>, noun: string): string {
  const [largest] = ranked;
  if (largest === undefined) return 'No spend in this range.';
  const sum = [...totals.values()].reduce((a, b) => a + b, 0);
  const share = sum > 0 ? Math.round(((totals.get(largest) ?? 0) / sum) * 100) : 0;
  const groups = ranked.length === 1 ? `one ${noun.slice(0, -1)}` : `${ranked.length} ${noun}`;
  return `Spend over time, $${sum.toFixed(2)} in total by ${groups}; ${largest} has the largest share, ${share} %.`;
}
