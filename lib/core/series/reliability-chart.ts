import type { ChartTable } from './chart-model';

interface Kept {
  calls: number;
  batches: number;
  predicted: number;
  inTime: number;
  low: number;
  high: number;
}

export interface CalibratedModel {
  model: string;
  open: number;
  all: (Kept & { brier: number }) | null;
  bins: readonly (Kept & { from: number; to: number })[];
}

export interface ReliabilityChart {
  points: readonly (Kept & { model: string })[];
  /** Of predictions, up to 1. */
  domain: readonly [number, number];
  ticks: readonly number[];
  summary: string;
  table: ChartTable;
  empty: boolean;
}

export function reliabilityChart(models: readonly CalibratedModel[]): ReliabilityChart {
  const points = models.flatMap(({ model, bins }) => bins.map((bin) => ({ model, ...bin })));
  // `auto` asks for much: mostly there is nothing below one half.
  const low = points.every(({ predicted }) => predicted >= 0.5) ? 0.5 : 0;
  const calls = points.reduce((sum, point) => sum + point.calls, 0);
  return {
    points,
    domain: [low, 1],
    ticks: Array.from({ length: 6 }, (_, i) => low + ((1 - low) * i) / 5),
    summary: `Predicted probability of being in time against the share that was: ${calls.toLocaleString('en-US')} calls of ${models.length === 1 ? 'one model' : `${models.length} models`}.`,
    table: {
      head: [
        'model',
        'predicted from',
        'predicted to',
        'calls',
        'batches',
        'mean prediction',
        'in time',
        '95 % low',
        '95 % high',
      ],
      rows: models.flatMap(({ model, bins }) =>
        bins.map(({ from, to, calls: n, batches, predicted, inTime, low: least, high }) => [
          model,
          String(from),
          String(to),
          String(n),
          String(batches),
          ...[predicted, inTime, least, high].map((share) => share.toFixed(4)),
        ]),
      ),
    },
    empty: points.length === 0,
  };
}

/** What the 95 % band of what happened says of the mean prediction. */
export function judgement(
  all: CalibratedModel['all'],
): 'as predicted' | 'too hopeful' | 'too careful' | 'not measured' {
  if (!all || all.batches < 10) return 'not measured';
  if (all.predicted > all.high) return 'too hopeful';
  return all.predicted < all.low ? 'too careful' : 'as predicted';
}
