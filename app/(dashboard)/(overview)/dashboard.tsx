'use client';

import { usePageRange } from '@/app/_data/page-range';
import { CostPanel } from './cost-panel';
import classes from './dashboard.module.css';
import { KpiStrip } from './kpi-strip';
import { LatencyPanel } from './latency-panel';
import { LatestRequests } from './latest-requests';
import { ModelTable } from './model-table';
import { VolumePanel } from './volume-panel';

export function Dashboard() {
  const range = usePageRange();
  const zoom = (from: number, to: number) => range.setRange(new Date(from).toISOString(), new Date(to).toISOString());
  return (
    <div className={classes.grid}>
      <KpiStrip range={range} />
      <CostPanel range={range} onZoom={zoom} />
      <LatencyPanel range={range} onZoom={zoom} />
      <VolumePanel range={range} onZoom={zoom} />
      <ModelTable range={range} />
      <LatestRequests range={range} />
    </div>
  );
}
