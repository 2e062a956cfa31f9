'use client';

import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { PageRange } from '@/app/_data/page-range';
import { filteredVolumeQuery, type RequestFilters } from '@/app/_data/requests';
import { countText } from '@/app/_ui/amounts';
import { ChartPanel } from '@/app/_ui/charts/chart-panel';
import { chartWindow } from '@/app/_ui/charts/chart-window';
import type { FilteredVolumeAnswer } from '@/lib/contract/request-facets';
import { momentLabel } from '@/lib/core/series/time-labels';
import { volumeChart } from '@/lib/core/series/volume-chart';

const HEIGHT = 128;

/** How many requests the filters let through over time: above the list, for the same filters. */
export function Volume({ range, filters }: { range: PageRange; filters: RequestFilters }) {
  const query = useQuery(filteredVolumeQuery(range, filters));
  const prepare = useCallback(
    (answer: FilteredVolumeAnswer, updatedAt: number) =>
      volumeChart({ ...answer, window: chartWindow(range, updatedAt), timeZone: range.tz }),
    [range],
  );
  return (
    <ChartPanel
      title="Volume"
      note={query.data ? basisText(query.data, range.tz) : 'finished requests, by arrival'}
      kind="bars"
      height={HEIGHT}
      query={query}
      prepare={prepare}
      emptyText="No finished request in this range matches."
      onZoom={range.zoom}
      onPick={({ at, end }) => range.zoom(at, end)}
    />
  );
}

function basisText({ basis, requests, since }: FilteredVolumeAnswer, zone: string): string {
  const counted = `${countText(requests)} finished, by arrival`;
  if (basis === 'all' || since === null) return counted;
  return `the newest ${counted}; older ones than ${momentLabel(Date.parse(since), zone)} are not counted`;
}
