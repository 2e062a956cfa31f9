'use client';

import type { UseQueryResult } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { type ReactNode, useState } from 'react';
import type { ChartModel, ChartPoint } from '@/lib/core/series/chart-model';
import { FigurePanel } from './figure-panel';
import { Legend } from './legend';

const TimeChart = dynamic(() => import('./time-chart').then((m) => m.TimeChart), { ssr: false });

const LEGEND_HEIGHT = 28;

interface ChartPanelProps<T> {
  title: string;
  note?: ReactNode;
  kind: 'bars' | 'lines';
  height: number;
  query: UseQueryResult<T>;
  /** Decides what to draw from an answer; kept stable by its caller. */
  prepare: (answer: T, updatedAt: number) => ChartModel;
  /** What an empty range says. */
  emptyText: string;
  onZoom: (from: number, to: number) => void;
  /** A bucket was chosen, with a click or with Enter, and with it one of its groups or all. */
  onPick?: ((point: ChartPoint, group: string | null) => void) | undefined;
  controls?: ReactNode;
  className?: string | undefined;
}

/** A chart over time with its legend, table, CSV, and the states of its query. */
export function ChartPanel<T>(props: ChartPanelProps<T>) {
  const { title, note, kind, height, query, prepare, emptyText, onZoom, onPick, controls, className } = props;
  const [only, setOnly] = useState<string | null>(null);
  const model = query.data === undefined ? null : prepare(query.data, query.dataUpdatedAt);
  // A group may be gone from the next answer.
  const shown = only !== null && model?.series.some(({ group }) => group === only) ? only : null;

  return (
    <FigurePanel
      title={title}
      note={note}
      height={height}
      query={query}
      table={model?.table ?? null}
      isEmpty={model?.empty ?? false}
      emptyText={emptyText}
      controls={controls}
      className={className}
    >
      {() =>
        model ? (
          <div style={{ height }}>
            <Legend series={model.series} kind={kind} only={shown} onOnly={setOnly} />
            <TimeChart
              title={title}
              model={model}
              kind={kind}
              height={height - LEGEND_HEIGHT}
              only={shown}
              onZoom={onZoom}
              onPick={onPick}
            />
          </div>
        ) : null
      }
    </FigurePanel>
  );
}
