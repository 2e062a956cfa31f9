'use client';

import { useQuery } from '@tanstack/react-query';
import { turnaroundHoursQuery } from '@/app/_data/turnaround';
import { FigurePanel } from '@/app/_ui/charts/figure-panel';
import { HeatGrid } from '@/app/_ui/charts/heat-grid';
import { heatTable } from '@/lib/core/series/heat-table';
import { zoneLabel } from '@/lib/core/series/time-labels';
import type { LatencyScope } from './scope';

const HEIGHT = 200;
const two = (hour: number) => String(hour % 24).padStart(2, '0');

export function HoursPanel({ range, models }: LatencyScope) {
  const query = useQuery(turnaroundHoursQuery(range, models));
  const heat =
    query.data &&
    heatTable(
      query.data.hours.map(({ hour, series }) => ({
        name: two(hour),
        title: `${two(hour)}:00–${two(hour + 1)}:00`,
        series,
      })),
      'hour',
    );
  return (
    <FigurePanel
      title="Turnaround by hour of the day"
      note={`p50 and n of batches by creation, ${range.ready ? zoneLabel(range.tz, Date.now()) : ''}; from n = 5`}
      height={HEIGHT}
      query={query}
      table={heat?.table ?? null}
      isEmpty={heat?.empty ?? false}
      emptyText="No batch in this range."
    >
      {() =>
        heat ? <HeatGrid name="Turnaround by hour of the day" heat={heat} height={HEIGHT} cells="dense" /> : null
      }
    </FigurePanel>
  );
}
