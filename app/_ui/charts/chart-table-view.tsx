import { ScrollRegion } from '@/app/_ui/scroll-region';
import { visibleText } from '@/app/_ui/visible-text';
import type { ChartTable } from '@/lib/core/series/chart-model';

const NUMBER = /^-?\d+(\.\d+)?$/;

/** The exact rows behind a chart. */
export function ChartTableView({ title, table, height }: { title: string; table: ChartTable; height: number }) {
  return (
    <ScrollRegion name={`${title}, table`} height={height}>
      <table className="rows small">
        <thead>
          <tr>
            {table.head.map((name) => (
              <th key={name} scope="col">
                {visibleText(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row.slice(0, 3).join()}>
              {row.map((cell, i) => (
                <td key={table.head[i]} data-numeric={NUMBER.test(cell) || undefined}>
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
