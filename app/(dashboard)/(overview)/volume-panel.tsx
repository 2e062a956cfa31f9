'use client';

import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { previousVolumeQuery, volumeQuery } from '@/app/_data/metrics';
import { ChartPanel } from '@/app/_ui/charts/chart-panel';
import { CHART_HEIGHT, chartWindow, periodBefore, type ZoomProps } from '@/app/_ui/charts/chart-window';
import { useOpenSpan } from '@/app/_ui/charts/use-open-span';
import type { VolumeAnswer } from '@/lib/contract/metrics';
import { volumeChart } from '@/lib/core/series/volume-chart';

const ERRORS = '/requests?status=failed&status=refused&status=interrupted';

export function VolumePanel({ range, onZoom }: ZoomProps) {
  const query = useQuery(volumeQuery(range));
  const { data: before } = useQuery(previousVolumeQuery(range));
  const open = useOpenSpan();
  const prepare = useCallback(
    (answer: VolumeAnswer, updatedAt: number) => {
      const window = chartWindow(range, updatedAt);
      const previous = periodBefore(range, window, before);
      return volumeChart({ ...answer, window, timeZone: range.tz, previous });
    },
    [range, before],
  );
  return (
    <ChartPanel
      title="Requests"
      note="per bucket, by arrival"
      kind="bars"
      height={CHART_HEIGHT}
      query={query}
      prepare={prepare}
      emptyText="No call in this range."
      onZoom={onZoom}
      onPick={(point, group) => open(group === 'Errors' ? ERRORS : '/requests', point)}
    />
  );
}
