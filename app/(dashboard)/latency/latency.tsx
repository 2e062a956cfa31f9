'use client';

import { usePageRange } from '@/app/_data/page-range';
import { PageFilters } from '@/app/_ui/page-filters';
import { CalibrationPanel } from './calibration-panel';
import { DistributionPanel } from './distribution-panel';
import { HoursPanel } from './hours-panel';
import classes from './latency.module.css';
import { MeasuredPanel } from './measured-panel';
import { SizesPanel } from './sizes-panel';
import { SyncPanel } from './sync-panel';
import { TurnaroundPanel } from './turnaround-panel';
import { ValuePanel } from './value-panel';

/** How long a batch really takes beside a sync call, per model, and what a minute of waiting buys. */
export function Latency() {
  const range = usePageRange();
  const scope = { range, models: range.filters.model };
  return (
    <>
      <header className={classes.head}>
        <h1>Latency</h1>
        <p className="soft small">
          Latency: whole request read to last byte handed over. Turnaround: upstream’s time from a batch’s creation to
          its end; running batches count as not ended yet (Kaplan–Meier).
        </p>
        <PageFilters range={range} of={['model']} />
      </header>
      <div className={classes.grid}>
        <div className={classes.wide}>
          <DistributionPanel {...scope} />
        </div>
        <div className={classes.narrow}>
          <ValuePanel {...scope} />
        </div>
        <div className={classes.full}>
          <MeasuredPanel {...scope} />
        </div>
        <div className={classes.half}>
          <TurnaroundPanel {...scope} onZoom={range.zoom} />
        </div>
        <div className={classes.half}>
          <SyncPanel {...scope} onZoom={range.zoom} />
        </div>
        <div className={classes.full}>
          <HoursPanel {...scope} />
        </div>
        <div className={classes.half}>
          <SizesPanel {...scope} />
        </div>
        <div className={classes.half}>
          <CalibrationPanel {...scope} />
        </div>
      </div>
    </>
  );
}
