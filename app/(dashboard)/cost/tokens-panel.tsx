'use client';

import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { previousTokensQuery, tokensQuery } from '@/app/_data/spend';
import { ChartPanel } from '@/app/_ui/charts/chart-panel';
import { CHART_HEIGHT, chartWindow, periodBefore, type ZoomProps } from '@/app/_ui/charts/chart-window';
import { useOpenSpan } from '@/app/_ui/charts/use-open-span';
import type { TokensAnswer } from '@/lib/contract/spend-metrics';
import { tokenChart } from '@/lib/core/series/token-chart';

export function TokensPanel({ range, onZoom }: ZoomProps) {
  const query = useQuery(tokensQuery(range));
  const { data: before } = useQuery(previousTokensQuery(range));
  const open = useOpenSpan();
  const prepare = useCallback(
    (answer: TokensAnswer, updatedAt: number) => {
      const window = chartWindow(range, updatedAt);
      const previous = periodBefore(range, window, before);
      return tokenChart({ ...answer, window, timeZone: range.tz, previous });
    },
    [range, before],
  );
  return (
    <ChartPanel
      title="Tokens by kind"
      note="billed, of every upstream attempt"
      kind="bars"
      height={CHART_HEIGHT}
      query={query}
      prepare={prepare}
      emptyText="No token was billed in this range."
      onZoom={onZoom}
      onPick={(point) => open('/requests', point)}
    />
  );
}
