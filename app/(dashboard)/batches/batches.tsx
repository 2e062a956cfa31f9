'use client';

import { useQuery } from '@tanstack/react-query';
import { liveBatchesQuery } from '@/app/_data/batches';
import { usePageRange } from '@/app/_data/page-range';
import { PageHead } from '@/app/_ui/page-head';
import { QueryState } from '@/app/_ui/query-state';
import { WaitingFacts } from '@/app/_ui/waiting-facts';
import classes from './batches.module.css';
import { HistoryPanel } from './history-panel';
import { HowToBatch } from './how-to-batch';
import { OpenBatches } from './open-batches';
import { PastBatches, usePastBatches } from './past-batches';
import { QueuePanel } from './queue-panel';

/** What waits now, the batches at work, and those that were. */
export function Batches() {
  const range = usePageRange();
  const live = useQuery(liveBatchesQuery(range));
  const past = usePastBatches(range);
  const isIdle = live.data !== undefined && live.data.rows.length === 0 && live.data.queue.models.length === 0;
  const isEmpty = isIdle && past.query.data !== undefined && past.rows.length === 0 && !past.isFiltered;
  return (
    <>
      <PageHead
        title="Batches"
        note="Calls that may wait, gathered at half the price; what a batch would bring too late is answered by sync."
      />
      <div className={classes.stack}>
        <section aria-label="What waits now" className={classes.strip}>
          <QueryState what="What waits now" query={live} height={80}>
            {({ queue }) => <WaitingFacts queue={queue} zone={range.tz} />}
          </QueryState>
        </section>
        {isEmpty ? (
          <HowToBatch />
        ) : (
          <>
            <OpenBatches range={range} query={live} />
            <QueuePanel range={range} query={live} />
          </>
        )}
        {isEmpty ? null : <HistoryPanel range={range} />}
        <PastBatches range={range} past={past} />
      </div>
    </>
  );
}
