import { wilson } from '@/lib/core/estimate/wilson';
import type { Lane } from '@/lib/core/request-states';
import type { ValueAxis } from './axis';
import type { ChartTable } from './chart-model';
import { durationAxis } from './duration-axis';

/** `[ms, share done within ms, low, high]`, ascending: a step function with its 95 % band. */
export type Step = readonly [ms: number, share: number, low: number, high: number];

export interface DistributionRow {
  model: string;
  lane: Lane;
  measure: string;
  n: number;
  pending: number;
  p50: number | null;
  cdf: readonly Step[];
}

/** What stands for the batch lane: upstream's own time, or what callers waited for. */
export type BatchMeasure = 'turnaround' | 'latency';

export interface Curve {
  id: string;
  model: string;
  lane: Lane;
  n: number;
  pending: number;
  p50: number | null;
  steps: readonly Step[];
}

export interface DistributionChart {
  curves: readonly Curve[];
  x: ValueAxis;
  summary: string;
  table: ChartTable;
  empty: boolean;
}

const USUAL_MS = [1_000, 3_600_000] as const;
/** Curves of models beyond these are left to the table. */
const MOST_MODELS = 8;

/** How long sync and batch take, per model, on one log axis of time. */
export function distributionChart(rows: readonly DistributionRow[], batch: BatchMeasure): DistributionChart {
  const chosen = rows.filter(
    ({ lane, measure, n, pending }) => measure === (lane === 'batch' ? batch : 'latency') && n + pending > 0,
  );
  const weight = new Map<string, number>();
  // Models whose batches were measured come first: they are what the page is about.
  for (const { model, lane, n } of chosen) {
    weight.set(model, (weight.get(model) ?? 0) + (lane === 'batch' ? 1e6 : 0) + Math.min(n, 1e5));
  }
  const models = [...weight.keys()].sort((a, b) => (weight.get(b) ?? 0) - (weight.get(a) ?? 0) || (a < b ? -1 : 1));
  const curves = models.flatMap((model) =>
    chosen
      .filter((row) => row.model === model)
      .sort((a, b) => (a.lane < b.lane ? -1 : 1))
      .map(({ lane, n, pending, p50, cdf }) => ({ id: `${lane} ${model}`, model, lane, n, pending, p50, steps: cdf })),
  );
  const shown = curves.filter(({ model }) => models.indexOf(model) < MOST_MODELS);
  const drawn = shown.flatMap(({ steps }) => steps.map(([ms]) => ms));
  return {
    curves: shown,
    x: durationAxis([Math.min(...drawn), Math.max(...drawn)].filter(Number.isFinite), USUAL_MS),
    summary: summary(shown),
    table: {
      head: ['model', 'lane', 'measure', 'n', 'pending', 'ms', 'share within', '95 % low', '95 % high'],
      rows: curves.flatMap(({ model, lane, n, pending, steps }) =>
        steps.map(([ms, ...shares]) => [
          model,
          lane,
          lane === 'batch' ? batch : 'latency',
          String(n),
          String(pending),
          String(Math.round(ms)),
          ...shares.map((share) => share.toFixed(4)),
        ]),
      ),
    },
    empty: drawn.length === 0,
  };
}

export interface Reading {
  share: number;
  low: number;
  high: number;
}

/** The share done within `ms`, and its band; `null` where nothing has ended yet. */
export function shareWithin({ steps, n }: Curve, ms: number): Reading | null {
  if (steps.length === 0) return null;
  const step = steps.findLast(([at]) => at <= ms);
  if (step) return { share: step[1], low: step[2], high: step[3] };
  const [low, high] = wilson(0, n);
  return { share: 0, low, high };
}

function summary(curves: readonly Curve[]): string {
  if (curves.length === 0) return 'Nothing was measured in this range.';
  const models = new Set(curves.map(({ model }) => model)).size;
  const count = (lane: Lane) => curves.reduce((sum, curve) => sum + (curve.lane === lane ? curve.n : 0), 0);
  return `Share done within a time, by model and lane, log scale: ${models === 1 ? 'one model' : `${models} models`}, ${count('batch')} in batch, ${count('sync')} in sync.`;
}
