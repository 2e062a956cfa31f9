'use client';

import { useQuery } from '@tanstack/react-query';
import { turnaroundSizesQuery } from '@/app/_data/turnaround';
import { countText } from '@/app/_ui/amounts';
import { FigurePanel } from '@/app/_ui/charts/figure-panel';
import { HeatGrid } from '@/app/_ui/charts/heat-grid';
import { heatTable } from '@/lib/core/series/heat-table';
import type { LatencyScope } from './scope';

const HEIGHT = 320;

export function SizesPanel({ range, models }: LatencyScope) {
  const query = useQuery(turnaroundSizesQuery(range, models));
  const heat =
    query.data &&
    heatTable(
      query.data.sizes.map(({ from, to, series }) => {
        const name =
          to === null ? `${countText(from)}+` : from === to ? countText(from) : `${countText(from)}–${countText(to)}`;
        return { name, title: `${name} ${to === 1 ? 'item' : 'items'}`, series };
      }),
      'items',
    );
  return (
    <FigurePanel
      title="Turnaround by batch size"
      note="columns: items in the batch; p50 from n = 5"
      height={HEIGHT}
      query={query}
      table={heat?.table ?? null}
      isEmpty={heat?.empty ?? false}
      emptyText="No batch in this range."
    >
      {() => (heat ? <HeatGrid name="Turnaround by batch size" heat={heat} height={HEIGHT} cells="wide" /> : null)}
    </FigurePanel>
  );
}
