import type { Bucket } from '@/lib/core/time-range';
import { linearAxis } from './axis';
import { bucketSpans, type Window } from './buckets';
import type { ChartModel } from './chart-model';
import { bucketBefore, type PeriodBefore } from './period-before';
import { isoInZone, spanLabel, timeTicks } from './time-labels';

export interface VolumeInput {
  bucket: Bucket;
  buckets: readonly { at: string; requests: number; errors: number }[];
  window: Window;
  timeZone: string;
  /** To be drawn behind. */
  previous?: PeriodBefore<{ at: string; requests: number }> | undefined;
}

/** Requests per bucket as stacked bars: errors at the bottom, where their height can be read, the others above. */
export function volumeChart({ bucket, buckets, window, timeZone, previous }: VolumeInput): ChartModel {
  const starts = buckets.map(({ at }) => Date.parse(at));
  const spans = bucketSpans(starts, bucket, window);
  const requests = buckets.reduce((sum, { requests }) => sum + requests, 0);
  const errors = buckets.reduce((sum, { errors }) => sum + errors, 0);
  const before = previous && spans.map(({ at, end }) => bucketBefore(previous, at, end)?.requests ?? null);
  return {
    points: spans.map((span, i) => {
      const { requests = 0, errors = 0 } = buckets[i] ?? {};
      return {
        ...span,
        label: spanLabel(span.at, span.end, timeZone),
        values: { errors, ok: requests - errors },
        notes: {},
      };
    }),
    series: [
      { id: 'errors', group: 'Errors', column: '', subject: { kind: 'token', token: 'error' }, weight: 'strong' },
      {
        id: 'ok',
        group: 'Without error',
        column: '',
        subject: { kind: 'token', token: 'requests' },
        weight: 'strong',
      },
    ],
    ...(before ? { lines: [{ name: 'Period before', values: before, isDashed: true }] } : {}),
    ticks: timeTicks(starts, timeZone),
    y: linearAxis(Math.max(0, ...buckets.map((b) => b.requests), ...(before ?? []).map((count) => count ?? 0)), 4, 4),
    unit: 'count',
    additive: true,
    summary: `Requests over time: ${requests.toLocaleString('en-US')} in total, ${errors.toLocaleString('en-US')} of them errors.`,
    table: {
      head: ['from', 'to', 'requests', 'errors'],
      rows: spans.map((span, i) => [
        isoInZone(span.at, timeZone),
        isoInZone(span.end, timeZone),
        String(buckets[i]?.requests ?? 0),
        String(buckets[i]?.errors ?? 0),
      ]),
    },
    empty: requests === 0,
  };
}
