'use client';

import { useQuery } from '@tanstack/react-query';
import { useQueryStates } from 'nuqs';
import { useCallback } from 'react';
import { batchHistoryQuery } from '@/app/_data/batches';
import type { PageRange } from '@/app/_data/page-range';
import { countText } from '@/app/_ui/amounts';
import { ChartPanel } from '@/app/_ui/charts/chart-panel';
import { chartWindow } from '@/app/_ui/charts/chart-window';
import { FigurePanel } from '@/app/_ui/charts/figure-panel';
import type { BatchHistoryAnswer } from '@/lib/contract/batches';
import { batchChart } from '@/lib/core/series/batch-chart';
import classes from './batches.module.css';
import { batchParams } from './search-params';

const HEIGHT = 168;

/** How many batches there were, and of which size: for the models that the list below is filtered by. */
export function HistoryPanel({ range }: { range: PageRange }) {
  const [{ model }] = useQueryStates(batchParams);
  const query = useQuery(batchHistoryQuery(range, model));
  const prepare = useCallback(
    (answer: BatchHistoryAnswer, updatedAt: number) =>
      batchChart({ ...answer, window: chartWindow(range, updatedAt), timeZone: range.tz }),
    [range],
  );
  const sizes = query.data?.sizes.filter(({ batches }) => batches > 0) ?? [];
  const most = Math.max(1, ...sizes.map(({ batches }) => batches));
  return (
    <div className={classes.history}>
      <ChartPanel
        title="Batches over time"
        note="by when they were made"
        kind="bars"
        height={HEIGHT}
        query={query}
        prepare={prepare}
        emptyText="No batch in this range."
        onZoom={range.zoom}
        onPick={({ at, end }) => range.zoom(at, end)}
      />
      <FigurePanel
        title="Items per batch"
        note="batches of the range by size"
        height={HEIGHT}
        query={query}
        table={{
          head: ['items from', 'to', 'batches', 'items'],
          rows: sizes.map(({ from, to, batches, items }) => [
            String(from),
            String(to ?? ''),
            String(batches),
            String(items),
          ]),
        }}
        isEmpty={sizes.length === 0}
        emptyText="No batch in this range."
      >
        {() => (
          <ul className={classes.sizes} style={{ minHeight: HEIGHT }}>
            {sizes.map(({ from, to, batches, items }) => (
              <li key={from} title={`${countText(items)} items in all`}>
                <span className={classes.size}>{sizeText(from, to)}</span>
                <span className={classes.share} aria-hidden="true">
                  <span style={{ width: `${(batches / most) * 100}%` }} />
                </span>
                <span className={classes.amount}>
                  {countText(batches)}
                  <span className="visually-hidden"> batches</span>
                </span>
              </li>
            ))}
          </ul>
        )}
      </FigurePanel>
    </div>
  );
}

function sizeText(from: number, to: number | null): string {
  if (to === null) return `${countText(from)} or more`;
  return from === to ? countText(from) : `${countText(from)}–${countText(to)}`;
}
