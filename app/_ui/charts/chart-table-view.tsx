import { ScrollRegion } from '@/app/_ui/scroll-region';
import { visibleText } from '@/app/_ui/visible-text';
import type { ChartTable } from '@/lib/core/series/chart-model';

import classes from './chart-table-view.module.css';

const NUMBER = /^-?\d+(\.\d+)?$/;

/** The exact rows behind a chart. */
export function ChartTableView({ title, table, height }: { title: string; table: ChartTable; height: number }) {
  const isNumeric = table.head.map((_, i) => table.rows.some((row) => NUMBER.test(row[i] ?? '')) || undefined);
  return (
    <ScrollRegion name={`${title}, table`} height={height}>
      <table className={`rows small ${classes.table}`}>
        <thead>
          <tr>
            {table.head.map((name, i) => (
              <th key={name} scope="col" data-numeric={isNumeric[i]}>
                {visibleText(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row.slice(0, 3).join()}>
              {row.map((cell, i) => (
                <td key={table.head[i]} data-numeric={isNumeric[i]}>
                  {visibleText(cell) || '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
