'use client';

import type { UseQueryResult } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { type ReactNode, useState } from 'react';
import { download } from '@/app/_ui/download';
import { IconButton } from '@/app/_ui/icon-button';
import { Panel } from '@/app/_ui/panel';
import { Empty, QueryState } from '@/app/_ui/query-state';
import type { ChartModel } from '@/lib/core/series/chart-model';
import { csvOf } from '@/lib/core/series/csv';
import { ChartTableView } from './chart-table-view';
import { Legend } from './legend';

const TimeChart = dynamic(() => import('./time-chart').then((m) => m.TimeChart), { ssr: false });

const LEGEND_HEIGHT = 28;

interface ChartPanelProps<T> {
  title: string;
  note?: string;
  kind: 'bars' | 'lines';
  height: number;
  query: UseQueryResult<T>;
  /** Decides what to draw from an answer; kept stable by its caller. */
  prepare: (answer: T, updatedAt: number) => ChartModel;
  /** What an empty range says. */
  emptyText: string;
  onZoom: (from: number, to: number) => void;
  controls?: ReactNode;
  className?: string | undefined;
}

/** A chart with everything that belongs to it: legend, table, CSV, and the states of its query. */
export function ChartPanel<T>(props: ChartPanelProps<T>) {
  const { title, note, kind, height, query, prepare, emptyText, onZoom, controls, className } = props;
  const [isTable, setTable] = useState(false);
  const [only, setOnly] = useState<string | null>(null);
  const model = query.data === undefined ? null : prepare(query.data, query.dataUpdatedAt);

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
            disabled={!model}
            onClick={() => model && download(`${fileName(title)}.csv`, csvOf(model.table))}
          />
        </>
      }
    >
      <QueryState what={title} query={query} height={height}>
        {() => {
          if (!model) return null;
          if (model.empty) return <Empty height={height}>{emptyText}</Empty>;
          if (isTable) return <ChartTableView title={title} table={model.table} height={height} />;
          return (
            <div style={{ height }}>
              <Legend series={model.series} kind={kind} only={only} onOnly={setOnly} />
              <TimeChart
                title={title}
                model={model}
                kind={kind}
                height={height - LEGEND_HEIGHT}
                only={only}
                onZoom={onZoom}
              />
            </div>
          );
        }}
      </QueryState>
    </Panel>
  );
}

function fileName(title: string): string {
  return `offpeak-${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
}
