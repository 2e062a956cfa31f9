import type { Bucket } from '@/lib/core/time-range';
import { linearAxis } from './axis';
import { bucketSpans, type Window } from './buckets';
import type { ChartModel } from './chart-model';
import { isoInZone, spanLabel, timeTicks } from './time-labels';

export interface BatchChartInput {
  bucket: Bucket;
  buckets: readonly { at: string; batches: number; void: number; items: number }[];
  window: Window;
  timeZone: string;
}

/** Batches per bucket of their making; those that upstream never took at the bottom, where they are seen. */
export function batchChart({ bucket, buckets, window, timeZone }: BatchChartInput): ChartModel {
  const starts = buckets.map(({ at }) => Date.parse(at));
  const spans = bucketSpans(starts, bucket, window);
  const sum = (name: 'batches' | 'void' | 'items') => buckets.reduce((all, one) => all + one[name], 0);
  const text = (name: 'batches' | 'items') => sum(name).toLocaleString('en-US');
  return {
    points: spans.map((span, i) => {
      const { batches = 0, void: none = 0, items = 0 } = buckets[i] ?? {};
      const taken = batches - none;
      const each = taken > 0 ? `${items.toLocaleString('en-US')} items` : '';
      return {
        ...span,
        label: spanLabel(span.at, span.end, timeZone),
        values: { void: none, taken },
        notes: each ? { Batches: each } : {},
      };
    }),
    series: [
      { id: 'void', group: 'Never sent', column: '', subject: { kind: 'token', token: 'error' }, weight: 'strong' },
      { id: 'taken', group: 'Batches', column: '', subject: { kind: 'token', token: 'batch' }, weight: 'strong' },
    ],
    ticks: timeTicks(starts, timeZone),
    y: linearAxis(Math.max(0, ...buckets.map(({ batches }) => batches)), 4, 4),
    unit: 'count',
    additive: true,
    summary: `Batches over time: ${text('batches')} with ${text('items')} items in total.`,
    table: {
      head: ['from', 'to', 'batches', 'never sent', 'items'],
      rows: spans.map((span, i) => [
        isoInZone(span.at, timeZone),
        isoInZone(span.end, timeZone),
        ...(['batches', 'void', 'items'] as const).map((name) => String(buckets[i]?.[name] ?? 0)),
      ]),
    },
    empty: sum('batches') === 0,
  };
}
