'use client';

import { useActiveTooltipLabel } from 'recharts';
import { InertText } from '@/app/_ui/inert-text';
import type { ChartModel } from '@/lib/core/series/chart-model';
import classes from './chart-tooltip.module.css';
import { Swatch } from './swatch';
import { valueText } from './unit-text';

interface ChartTooltipProps {
  model: ChartModel;
  kind: 'bars' | 'lines';
  only: string | null;
}

const MOST_ROWS = 10;

/** One bucket's values, largest first, with what stands behind each, and their total where adding means something. */
export function ChartTooltip({ model, kind, only }: ChartTooltipProps) {
  const label = useActiveTooltipLabel();
  const point = model.points.find(({ at }) => at === Number(label));
  if (!point) return null;
  const rows = model.series
    .filter(({ group }) => only === null || only === group)
    .map((series) => ({ series, value: point.values[series.id] ?? null, note: point.notes[series.id] }))
    .filter(({ value, note }) => value !== null || note !== undefined)
    .filter(({ value }) => !model.additive || value !== 0)
    .sort((a, b) => (b.value ?? -1) - (a.value ?? -1));
  const total = rows.reduce((sum, { value }) => sum + (value ?? 0), 0);
  return (
    <div className={classes.box}>
      <p className={classes.head}>
        {point.label}
        {point.partial ? <span className="soft"> · incomplete</span> : null}
      </p>
      {rows.length === 0 ? <p className="soft">Nothing in this bucket</p> : null}
      <table className="rows">
        <tbody>
          {rows.slice(0, MOST_ROWS).map(({ series, value, note }) => (
            <tr key={series.id}>
              <td>
                <span className={classes.name}>
                  <Swatch of={series} kind={kind} />
                  <InertText>{series.name}</InertText>
                </span>
              </td>
              <td data-numeric>{value === null ? '–' : valueText(value, model.unit)}</td>
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
        </tbody>
      </table>
    </div>
  );
}
