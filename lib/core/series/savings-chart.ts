import type { Bucket } from '@/lib/core/time-range';
import { linearAxis, type ValueAxis } from './axis';
import { bucketSpans, type Window } from './buckets';
import type { ChartModel } from './chart-model';
import { bucketBefore, type PeriodBefore } from './period-before';
import { isoInZone, spanLabel, timeTicks } from './time-labels';

export interface SavingsInput {
  bucket: Bucket;
  buckets: readonly { at: string; costUsd: string; syncCostUsd: string; savedUsd: string; wasteUsd: string }[];
  window: Window;
  timeZone: string;
  /** To be drawn behind. */
  previous?: PeriodBefore<{ at: string; savedUsd: string }> | undefined;
}

/** What batching saved per bucket against all sync, waste subtracted: below zero where it lost money. */
export function savingsChart({ bucket, buckets, window, timeZone, previous }: SavingsInput): ChartModel {
  const starts = buckets.map(({ at }) => Date.parse(at));
  const spans = bucketSpans(starts, bucket, window);
  const saved = buckets.map(({ savedUsd }) => Number(savedUsd));
  const waste = buckets.map(({ wasteUsd }) => Number(wasteUsd));
  const before = previous && spans.map(({ at, end }) => usdOf(bucketBefore(previous, at, end)?.savedUsd));
  const drawn = [...saved, ...(before ?? []).map((usd) => usd ?? 0)];
  const total = saved.reduce((sum, usd) => sum + usd, 0);
  const wasted = waste.reduce((sum, usd) => sum + usd, 0);
  return {
    points: spans.map((span, i) => ({
      ...span,
      label: spanLabel(span.at, span.end, timeZone),
      // Adding nothing to zero keeps it from being −0.
      values: { gross: (saved[i] ?? 0) + (waste[i] ?? 0), waste: 0 - (waste[i] ?? 0) },
      notes: {},
    })),
    series: [
      {
        id: 'gross',
        group: 'Saved before waste',
        column: '',
        subject: { kind: 'token', token: 'saved' },
        weight: 'strong',
      },
      { id: 'waste', group: 'Waste', column: '', subject: { kind: 'token', token: 'waste' }, weight: 'strong' },
    ],
    lines: [
      { name: 'Saved', values: saved, isDashed: false },
      ...(before ? [{ name: 'Saved, period before', values: before, isDashed: true }] : []),
    ],
    ticks: timeTicks(starts, timeZone),
    y: signedAxis(
      Math.min(0, ...drawn, ...waste.map((usd) => -usd)),
      Math.max(0, ...drawn, ...saved.map((usd, i) => usd + (waste[i] ?? 0))),
    ),
    unit: 'usd',
    additive: true,
    summary: `Saved against all sync over time: $${total.toFixed(2)} in total, after $${wasted.toFixed(2)} of waste.`,
    table: {
      head: ['from', 'to', 'cost (USD)', 'all sync (USD)', 'saved (USD)', 'waste (USD)'],
      rows: spans.map((span, i) => [
        isoInZone(span.at, timeZone),
        isoInZone(span.end, timeZone),
        buckets[i]?.costUsd ?? '0',
        buckets[i]?.syncCostUsd ?? '0',
        buckets[i]?.savedUsd ?? '0',
        buckets[i]?.wasteUsd ?? '0',
      ]),
    },
    empty: buckets.every(({ syncCostUsd, costUsd }) => Number(syncCostUsd) === 0 && Number(costUsd) === 0),
  };
}

function usdOf(usd: string | undefined): number | null {
  return usd === undefined ? null : Number(usd);
}

/** A linear axis on both sides of zero with one step. */
function signedAxis(min: number, max: number): ValueAxis {
  const above = linearAxis(Math.max(max, -min));
  if (min >= 0) return linearAxis(max);
  const step = above.ticks[1] ?? 1;
  const from = -Math.ceil(-min / step - 1e-9);
  const to = Math.max(0, Math.ceil(max / step - 1e-9));
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => Number(((from + i) * step).toPrecision(12)));
  return { scale: 'linear', domain: [from * step, to * step], ticks };
}
