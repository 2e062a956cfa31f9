'use client';

import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { latencySeriesQuery, previousLatencySeriesQuery } from '@/app/_data/metrics';
import { ChartPanel } from '@/app/_ui/charts/chart-panel';
import { CHART_HEIGHT, chartWindow, periodBefore, type ZoomProps } from '@/app/_ui/charts/chart-window';
import { filterText, useOpenSpan } from '@/app/_ui/charts/use-open-span';
import type { LatencySeriesAnswer } from '@/lib/contract/metrics';
import { latencyChart, type Percentile } from '@/lib/core/series/latency-chart';

const CHOICES: Readonly<Record<string, { label: string; show: readonly Percentile[] }>> = {
  both: { label: 'p50, p95', show: ['p50', 'p95'] },
  p50: { label: 'p50', show: ['p50'] },
  p95: { label: 'p95', show: ['p95'] },
};

export function LatencyPanel({ range, onZoom }: ZoomProps) {
  const { lane, model: models } = range.filters;
  const query = useQuery(latencySeriesQuery(range, { lane, model: models }));
  const { data: before } = useQuery(previousLatencySeriesQuery(range, { lane, model: models }));
  const open = useOpenSpan();
  const [choice, setChoice] = useState('both');
  const show = CHOICES[choice]?.show ?? ['p50', 'p95'];
  const prepare = useCallback(
    (answer: LatencySeriesAnswer, updatedAt: number) => {
      const window = chartWindow(range, updatedAt);
      const previous = periodBefore(range, window, before);
      return latencyChart({ ...answer, window, timeZone: range.tz, show, previous });
    },
    [range, show, before],
  );
  return (
    <ChartPanel
      title="Latency by model"
      note={`${range.filters.key.length > 0 ? 'of all keys; ' : ''}${show.length > 1 ? 'log scale; bold p50, thin p95' : 'log scale'}`}
      kind="lines"
      height={CHART_HEIGHT}
      query={query}
      prepare={prepare}
      emptyText="Too few finished calls in this range: p50 needs 5 in a bucket, p95 needs 20."
      onZoom={onZoom}
      onPick={(point, model) => open(`/requests${filterText('model', model)}`, point)}
      controls={
        <NativeSelect
          size="xs"
          aria-label="Percentiles shown"
          value={choice}
          onChange={(event) => setChoice(event.currentTarget.value)}
          data={Object.entries(CHOICES).map(([value, { label }]) => ({ value, label }))}
        />
      }
    />
  );
}
