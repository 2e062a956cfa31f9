'use client';

import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { previousTurnaroundSeriesQuery, turnaroundSeriesQuery } from '@/app/_data/turnaround';
import { ChartPanel } from '@/app/_ui/charts/chart-panel';
import { CHART_HEIGHT, chartWindow, periodBefore } from '@/app/_ui/charts/chart-window';
import { filterText, useOpenSpan } from '@/app/_ui/charts/use-open-span';
import type { TurnaroundSeriesAnswer } from '@/lib/contract/turnaround-metrics';
import { latencyChart, type Percentile } from '@/lib/core/series/latency-chart';
import { PercentileSelect } from './percentile-select';
import type { LatencyZoomScope } from './scope';

export function TurnaroundPanel({ range, models, onZoom }: LatencyZoomScope) {
  const query = useQuery(turnaroundSeriesQuery(range, models));
  const { data: before } = useQuery(previousTurnaroundSeriesQuery(range, models));
  const [show, setShow] = useState<readonly Percentile[]>(['p50', 'p90']);
  const open = useOpenSpan();
  const prepare = useCallback(
    (answer: TurnaroundSeriesAnswer, updatedAt: number) => {
      const window = chartWindow(range, updatedAt);
      return latencyChart({
        ...answer,
        window,
        previous: periodBefore(range, window, before),
        timeZone: range.tz,
        show,
        what: 'Turnaround of batches',
        usual: [10, 3_600],
      });
    },
    [range, show, before],
  );
  return (
    <ChartPanel
      title="Turnaround over time"
      note="batches by creation, log scale"
      kind="lines"
      height={CHART_HEIGHT}
      query={query}
      prepare={prepare}
      emptyText="Too few batches in a bucket: p50 needs 5, p90 10, p95 20, p99 100. A longer range has longer buckets."
      onZoom={onZoom}
      onPick={(point, model) => open(`/batches${filterText('model', model)}`, point)}
      controls={
        <PercentileSelect
          name="Percentiles of turnaround"
          all={['p50', 'p90', 'p95', 'p99']}
          show={show}
          onShow={setShow}
        />
      }
    />
  );
}
