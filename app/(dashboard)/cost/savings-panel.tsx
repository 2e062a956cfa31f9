'use client';

import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { previousSavingsQuery, savingsQuery } from '@/app/_data/spend';
import { ChartPanel } from '@/app/_ui/charts/chart-panel';
import { CHART_HEIGHT, chartWindow, periodBefore, type ZoomProps } from '@/app/_ui/charts/chart-window';
import { useOpenSpan } from '@/app/_ui/charts/use-open-span';
import type { SavingsAnswer } from '@/lib/contract/spend-metrics';
import { savingsChart } from '@/lib/core/series/savings-chart';

export function SavingsPanel({ range, onZoom }: ZoomProps) {
  const query = useQuery(savingsQuery(range));
  const { data: before } = useQuery(previousSavingsQuery(range));
  const open = useOpenSpan();
  const prepare = useCallback(
    (answer: SavingsAnswer, updatedAt: number) => {
      const window = chartWindow(range, updatedAt);
      const previous = periodBefore(range, window, before);
      return savingsChart({ ...answer, window, timeZone: range.tz, previous });
    },
    [range, before],
  );
  return (
    <ChartPanel
      title="Saved against all sync"
      note="line: saved, waste subtracted"
      kind="bars"
      height={CHART_HEIGHT}
      query={query}
      prepare={prepare}
      emptyText="No priced call in this range."
      onZoom={onZoom}
      onPick={(point) => open('/requests?lane=batch', point)}
    />
  );
}
