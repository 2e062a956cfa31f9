'use client';

import { useActiveTooltipLabel } from 'recharts';
import { InertText } from '@/app/_ui/inert-text';
import type { ChartModel, ChartPoint, ChartSeries, Unit } from '@/lib/core/series/chart-model';
import classes from './chart-tooltip.module.css';
import { Swatch } from './swatch';
import { valueText } from './unit-text';

interface ChartTooltipProps {
  model: ChartModel;
  kind: 'bars' | 'lines';
  only: string | null;
  /** What a click on the chart does, in a few words. */
  hint?: string | undefined;
}

const MOST_ROWS = 10;

/** One bucket's values, largest first, with what stands behind each, and their total where adding means something. */
export function ChartTooltip({ model, kind, only, hint }: ChartTooltipProps) {
  const label = useActiveTooltipLabel();
  const point = model.points.find(({ at }) => at === Number(label));
  if (!point) return null;
  const columns = [...new Set(model.series.map(({ column }) => column))];
  const rows = rowsOf(model, point).filter(({ group }) => only === null || only === group);
  const total = rows.reduce((sum, { value }) => sum + value, 0);
  const index = model.points.indexOf(point);
  return (
    <div className={classes.box} data-tooltip>
      <p className={classes.head}>
        {point.label}
        {point.partial ? <span className="soft"> · incomplete</span> : null}
      </p>
      {rows.length === 0 ? <p className="soft">Nothing in this bucket</p> : null}
      <table className="rows">
        {columns.length > 1 && rows.length > 0 ? (
          <thead>
            <tr>
              <td />
              {columns.map((column) => (
                <th key={column} scope="col" data-numeric>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
        ) : null}
        <tbody>
          {rows.slice(0, MOST_ROWS).map(({ group, first, values, note }) => (
            <tr key={group}>
              <td>
                <span className={classes.name}>
                  <Swatch of={first} kind={kind} />
                  <InertText>{group}</InertText>
                </span>
              </td>
              {columns.map((column) => (
                <td key={column} data-numeric>
                  {cellText(values.get(column) ?? null, model.unit)}
                </td>
              ))}
              {note === undefined ? null : (
                <td data-numeric className="soft">
                  {note}
                </td>
              )}
            </tr>
          ))}
          {model.additive && rows.length > 1 ? (
            <tr className={classes.total}>
              <td>Total</td>
              <td data-numeric>{valueText(total, model.unit)}</td>
            </tr>
          ) : null}
          {(model.lines ?? []).map(({ name, values, isDashed }) => {
            const value = values[index] ?? null;
            return isDashed && value !== null ? (
              <tr key={name} className="soft">
                <td>{name}</td>
                <td data-numeric>{valueText(value, model.unit)}</td>
              </tr>
            ) : null;
          })}
        </tbody>
      </table>
      {hint ? <p className="soft">{hint}</p> : null}
    </div>
  );
}

interface Row {
  group: string;
  first: ChartSeries;
  values: ReadonlyMap<string, number | null>;
  note: string | undefined;
  /** What it is ordered by: its highest, or where rows add up its sum. */
  value: number;
}

function rowsOf({ series, additive }: ChartModel, point: ChartPoint): Row[] {
  return [...new Set(series.map(({ group }) => group))]
    .flatMap((group) => {
      const members = series.filter((one) => one.group === group);
      const [first] = members;
      if (!first) return [];
      const values = new Map(members.map(({ id, column }) => [column, point.values[id] ?? null]));
      const all = [...values.values()].map((value) => value ?? 0);
      const value = additive ? all.reduce((sum, one) => sum + one, 0) : Math.max(0, ...all);
      return [{ group, first, values, note: point.notes[group], value }];
    })
    .filter(({ value, note }) => value !== 0 || (!additive && note !== undefined))
    .sort((a, b) => b.value - a.value);
}

function cellText(value: number | null, unit: Unit): string {
  return value === null ? 'n too small' : valueText(value, unit);
}
