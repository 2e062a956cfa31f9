import type { ValueAxis } from './axis';
import type { BucketSpan } from './buckets';
import type { AxisTick } from './time-labels';

export type Unit = 'usd' | 'seconds' | 'count';

/** What a series is, which decides its colour; the drawing side maps it to a CSS variable. */
export type Subject =
  | { kind: 'model'; model: string }
  | { kind: 'other' }
  | { kind: 'hue'; hue: number; shade: number }
  | { kind: 'token'; token: 'requests' | 'error' | 'sync' | 'batch' | 'saved' | 'waste' };

/** What the API calls calls without a model, and all beyond its longest list; neither is a model. */
const NO_MODELS: readonly string[] = ['(none)', '(other)'];

export function subjectOf(model: string): Subject {
  return NO_MODELS.includes(model) ? { kind: 'other' } : { kind: 'model', model };
}

export interface ChartSeries {
  id: string;
  /** One entry of the legend and one row of the tooltip: a model, say, of which several percentiles are drawn. */
  group: string;
  /** What tells series of one group apart: `p50`; empty where a group has one series. */
  column: string;
  subject: Subject;
  /** A second line of the same subject is drawn thinner, one of the period before faint. */
  weight: 'strong' | 'light' | 'before';
}

/** A line over the bars, one value per point: their sum, or, dashed, what it was a period before. */
export interface OverLine {
  name: string;
  values: readonly (number | null)[];
  isDashed: boolean;
}

export interface ChartPoint extends BucketSpan {
  label: string;
  /** `null` is a gap, never zero. */
  values: Readonly<Record<string, number | null>>;
  /** What stands behind a group's values, for the tooltip: `n = 41`. */
  notes: Readonly<Record<string, string>>;
}

/** The rows behind a chart, for its table and its CSV: plain decimals, ISO-8601 times. */
export interface ChartTable {
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

/** A chart that is decided: buckets, gaps, order, units, labels. What is left is to draw it. */
export interface ChartModel {
  points: readonly ChartPoint[];
  series: readonly ChartSeries[];
  lines?: readonly OverLine[];
  ticks: readonly AxisTick[];
  y: ValueAxis;
  unit: Unit;
  /** Whether the tooltip may add its rows up. */
  additive: boolean;
  /** One sentence that says what the chart shows, for those who do not see it. */
  summary: string;
  table: ChartTable;
  /** Nothing to draw in this range. */
  empty: boolean;
}
