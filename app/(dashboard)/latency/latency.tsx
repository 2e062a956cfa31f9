'use client';

import { useQuery } from '@tanstack/react-query';
import { useQueryStates } from 'nuqs';
import { summaryQuery } from '@/app/_data/metrics';
import { usePageRange } from '@/app/_data/page-range';
import { PickMenu } from '@/app/_ui/pick-menu';
import { CalibrationPanel } from './calibration-panel';
import { DistributionPanel } from './distribution-panel';
import { HoursPanel } from './hours-panel';
import classes from './latency.module.css';
import { MeasuredPanel } from './measured-panel';
import { latencyParams } from './search-params';
import { SizesPanel } from './sizes-panel';
import { SyncPanel } from './sync-panel';
import { TurnaroundPanel } from './turnaround-panel';
import { ValuePanel } from './value-panel';

/** How long a batch really takes beside a sync call, per model, and what a minute of waiting buys. */
export function Latency() {
  const range = usePageRange();
  const { data: summary } = useQuery(summaryQuery(range));
  const [{ model }, set] = useQueryStates(latencyParams, { history: 'push' });
  const zoom = (from: number, to: number) => range.setRange(new Date(from).toISOString(), new Date(to).toISOString());
  const scope = { range, models: model };
  return (
    <>
      <header className={classes.head}>
        <h1>Latency</h1>
        <p className="soft small">
          Latency: whole request read to last byte handed over. Turnaround: upstream’s time from a batch’s creation to
          its end; running batches count as not ended yet (Kaplan–Meier).
        </p>
        <PickMenu
          name="Model"
          align="end"
          options={(summary?.byModel ?? []).map(({ model: value }) => ({ value }))}
          value={model}
          onChange={(picked) => void set({ model: picked.length > 0 ? picked : null })}
        />
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
          <TurnaroundPanel {...scope} onZoom={zoom} />
        </div>
        <div className={classes.half}>
          <SyncPanel {...scope} onZoom={zoom} />
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
