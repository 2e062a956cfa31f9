import type { ChartTable } from './chart-model';

interface Measured {
  n: number;
  pending: number;
  p50: number | null;
  p95: number | null;
}

export interface HeatColumn {
  /** `14` or `2–10`. */
  name: string;
  /** For its head and the table: `14:00–15:00`, `2–10 items`. */
  title: string;
  series: Readonly<Record<string, Measured>>;
}

export interface HeatCell extends Measured {
  /** 0 is the quickest p50 of the table, 1 the slowest, by their logarithms; `null`: too few. */
  heat: number | null;
}

export interface HeatTable {
  columns: readonly { name: string; title: string }[];
  rows: readonly { model: string; cells: readonly HeatCell[] }[];
  /** The quickest and the slowest p50, ms. */
  scale: { low: number; high: number } | null;
  table: ChartTable;
  empty: boolean;
}

const NOTHING: Measured = { n: 0, pending: 0, p50: null, p95: null };

/** Medians of models in columns, to be shaded by how long they are; the model with the most batches first. */
export function heatTable(columns: readonly HeatColumn[], columnName: string): HeatTable {
  const counts = new Map<string, number>();
  for (const { series } of columns) {
    for (const [model, { n, pending }] of Object.entries(series)) {
      counts.set(model, (counts.get(model) ?? 0) + n + pending);
    }
  }
  const models = [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || (a < b ? -1 : 1));
  const of = (column: HeatColumn, model: string) =>
    Object.hasOwn(column.series, model) ? (column.series[model] ?? NOTHING) : NOTHING;
  const medians = columns.flatMap(({ series }) =>
    Object.values(series).flatMap(({ p50 }) => (p50 !== null && p50 > 0 ? [p50] : [])),
  );
  const scale = medians.length > 0 ? { low: Math.min(...medians), high: Math.max(...medians) } : null;
  return {
    columns: columns.map(({ name, title }) => ({ name, title })),
    rows: models.map((model) => ({
      model,
      cells: columns.map((column) => {
        const measured = of(column, model);
        return { ...measured, heat: heatOf(measured.p50, scale) };
      }),
    })),
    scale,
    table: {
      head: ['model', columnName, 'n', 'pending', 'p50 (ms)', 'p95 (ms)'],
      rows: models.flatMap((model) =>
        columns.flatMap((column) => {
          const { n, pending, p50, p95 } = of(column, model);
          return n + pending > 0 ? [[model, column.title, String(n), String(pending), cell(p50), cell(p95)]] : [];
        }),
      ),
    },
    empty: models.length === 0,
  };
}

function heatOf(p50: number | null, scale: HeatTable['scale']): number | null {
  if (p50 === null || !scale) return null;
  const span = Math.log(scale.high / scale.low);
  return span > 0 ? Math.max(0, Math.log(Math.max(p50, scale.low) / scale.low) / span) : 0.5;
}

function cell(ms: number | null): string {
  return ms === null ? '' : String(ms);
}
