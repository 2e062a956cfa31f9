'use client';

import { usePageRange } from '@/app/_data/page-range';
import { PageFilters } from '@/app/_ui/page-filters';
import { CostPanel } from './cost-panel';
import classes from './dashboard.module.css';
import { KpiStrip } from './kpi-strip';
import { LanePanel } from './lane-panel';
import { LatencyPanel } from './latency-panel';
import { LatestRequests } from './latest-requests';
import { ModelTable } from './model-table';
import { VolumePanel } from './volume-panel';
import { WaitingPanel } from './waiting-panel';

export function Dashboard() {
  const range = usePageRange();
  return (
    <>
      <header className={classes.head}>
        <h1>Overview</h1>
        <PageFilters range={range} of={['model', 'lane', 'key']} />
      </header>
      <div className={classes.grid}>
        <div className={classes.full}>
          <KpiStrip range={range} />
        </div>
        <div className={classes.third}>
          <WaitingPanel range={range} />
        </div>
        <div className={classes.rest}>
          <LanePanel range={range} />
        </div>
        <div className={classes.half}>
          <CostPanel range={range} onZoom={range.zoom} />
        </div>
        <div className={classes.half}>
          <LatencyPanel range={range} onZoom={range.zoom} />
        </div>
        <div className={classes.third}>
          <VolumePanel range={range} onZoom={range.zoom} />
        </div>
        <div className={classes.rest}>
          <ModelTable range={range} />
        </div>
        <div className={classes.full}>
          <LatestRequests range={range} />
        </div>
      </div>
    </>
  );
}
