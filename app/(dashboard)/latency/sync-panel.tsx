'use client';

import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { latencySeriesQuery, previousLatencySeriesQuery } from '@/app/_data/metrics';
import { ChartPanel } from '@/app/_ui/charts/chart-panel';
import { CHART_HEIGHT, chartWindow, periodBefore } from '@/app/_ui/charts/chart-window';
import { filterText, useOpenSpan } from '@/app/_ui/charts/use-open-span';
import type { LatencySeriesAnswer } from '@/lib/contract/metrics';
import { latencyChart, type Percentile } from '@/lib/core/series/latency-chart';
import { PercentileSelect } from './percentile-select';
import type { LatencyZoomScope } from './scope';

export function SyncPanel({ range, models, onZoom }: LatencyZoomScope) {
  const query = useQuery(latencySeriesQuery(range, { lane: 'sync', model: models }));
  const { data: before } = useQuery(previousLatencySeriesQuery(range, { lane: 'sync', model: models }));
  const [show, setShow] = useState<readonly Percentile[]>(['p50', 'p95']);
  const open = useOpenSpan();
  const prepare = useCallback(
    (answer: LatencySeriesAnswer, updatedAt: number) => {
      const window = chartWindow(range, updatedAt);
      return latencyChart({
        ...answer,
        window,
        previous: periodBefore(range, window, before),
        timeZone: range.tz,
        show,
        what: 'Sync latency',
      });
    },
    [range, show, before],
  );
  return (
    <ChartPanel
      title="Sync latency over time"
      note="successes by arrival, log scale"
      kind="lines"
      height={CHART_HEIGHT}
      query={query}
      prepare={prepare}
      emptyText="Too few sync calls in a bucket: p50 needs 5, p90 10, p95 20, p99 100."
      onZoom={onZoom}
      onPick={(point, model) => open(`/requests?lane=sync${filterText('model', model).replace('?', '&')}`, point)}
      controls={
        <PercentileSelect
          name="Percentiles of sync latency"
          all={['p50', 'p90', 'p95', 'p99']}
          show={show}
          onShow={setShow}
        />
      }
    />
  );
}
