'use client';

import { type ReactNode, useState } from 'react';
import { download } from '@/app/_ui/download';
import { IconButton } from '@/app/_ui/icon-button';
import { Panel } from '@/app/_ui/panel';
import { Empty, QueryState, type QueryView } from '@/app/_ui/query-state';
import type { ChartTable } from '@/lib/core/series/chart-model';
import { csvOf } from '@/lib/core/series/csv';
import { ChartTableView } from './chart-table-view';

interface FigurePanelProps<T> {
  title: string;
  note?: ReactNode;
  height: number;
  query: QueryView<T>;
  /** The rows behind what is drawn; `null` before there is an answer. */
  table: ChartTable | null;
  isEmpty: boolean;
  /** What an empty range says. */
  emptyText: ReactNode;
  controls?: ReactNode;
  className?: string | undefined;
  /** The figure, `height` px high. */
  children: () => ReactNode;
}

/** A figure with everything that belongs to it: its table, its CSV, and the states of its query. */
export function FigurePanel<T>(props: FigurePanelProps<T>) {
  const { title, note, height, query, table, isEmpty, emptyText, controls, className, children } = props;
  const [isTable, setTable] = useState(false);
  return (
    <Panel
      title={title}
      note={note}
      className={className}
      actions={
        <>
          {controls}
          <IconButton
            icon={isTable ? 'chart' : 'table'}
            label={isTable ? `${title}: view as chart` : `${title}: view as table`}
            aria-pressed={isTable}
            onClick={() => setTable(!isTable)}
          />
          <IconButton
            icon="download"
            label={`${title}: download CSV`}
            disabled={!table}
            onClick={() => table && download(`${fileName(title)}.csv`, csvOf(table))}
          />
        </>
      }
    >
      <QueryState what={title} query={query} height={height}>
        {() => {
          if (!table) return null;
          if (isEmpty) return <Empty height={height}>{emptyText}</Empty>;
          if (isTable) return <ChartTableView title={title} table={table} height={height} />;
          return children();
        }}
      </QueryState>
    </Panel>
  );
}

function fileName(title: string): string {
  return `offpeak-${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
}
