'use client';

import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { costQuery } from '@/app/_data/metrics';
import { previousSavingsQuery } from '@/app/_data/spend';
import { ChartPanel } from '@/app/_ui/charts/chart-panel';
import { CHART_HEIGHT, chartWindow, periodBefore, type ZoomProps } from '@/app/_ui/charts/chart-window';
import { filterText, useOpenSpan } from '@/app/_ui/charts/use-open-span';
import type { CostAnswer } from '@/lib/contract/metrics';
import { costChart } from '@/lib/core/series/cost-chart';

/** What is added up in Other or has no model is selected by no filter. */
function modelIn(values: Readonly<Record<string, unknown>>, group: string | null): string | null {
  return group !== null && !group.startsWith('(') && Object.hasOwn(values, group) ? group : null;
}

export function CostPanel({ range, onZoom }: ZoomProps) {
  const query = useQuery(costQuery(range));
  const { data: before } = useQuery(previousSavingsQuery(range));
  const open = useOpenSpan();
  const prepare = useCallback(
    (answer: CostAnswer, updatedAt: number) => {
      const window = chartWindow(range, updatedAt);
      const previous = periodBefore(range, window, before);
      return costChart({ ...answer, window, timeZone: range.tz, previous });
    },
    [range, before],
  );
  return (
    <ChartPanel
      title="Spend by model"
      note="USD per bucket, every upstream attempt"
      kind="bars"
      height={CHART_HEIGHT}
      query={query}
      prepare={prepare}
      emptyText="No priced call in this range."
      onZoom={onZoom}
      onPick={(point, group) => open(`/requests${filterText('model', modelIn(point.values, group))}`, point)}
    />
  );
}
