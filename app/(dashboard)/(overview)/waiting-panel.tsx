'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { liveBatchesQuery } from '@/app/_data/batches';
import type { PageRange } from '@/app/_data/page-range';
import { LANES_HEIGHT } from '@/app/_ui/charts/chart-window';
import { Panel } from '@/app/_ui/panel';
import { QueryState } from '@/app/_ui/query-state';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import { WaitingFacts } from '@/app/_ui/waiting-facts';
import classes from './lanes.module.css';

/** Will what waits now make its deadline? */
export function WaitingPanel({ range }: { range: PageRange }) {
  const query = useQuery(liveBatchesQuery(range));
  const href = usePageHref();
  return (
    <Panel title="Waiting now" note="in the batch lane">
      <QueryState what="What waits now" query={query} height={LANES_HEIGHT}>
        {({ queue, rows }) => (
          <div className={classes.waiting} style={{ minHeight: LANES_HEIGHT }}>
            <WaitingFacts queue={queue} zone={range.tz} />
            <p className="small soft">
              <Link href={href('/batches')}>
                {rows.length === 1 ? '1 batch is' : `${rows.length === 0 ? 'No' : rows.length} batches are`} at work
              </Link>
            </p>
          </div>
        )}
      </QueryState>
    </Panel>
  );
}
