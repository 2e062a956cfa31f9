'use client';

import type { ReactNode } from 'react';
import type { Queue } from '@/lib/contract/batches';
import { Ago } from './ago';
import { countText } from './amounts';
import { Countdown } from './countdown';
import classes from './waiting-facts.module.css';

/** What waits in the batch lane now, and whether it will make its deadline. */
export function WaitingFacts({ queue, zone }: { queue: Queue; zone: string }) {
  const { earliestDeadlineAt, oldestAt } = queue;
  return (
    <dl className={classes.list}>
      <Fact name="Earliest deadline">
        {earliestDeadlineAt === null ? '–' : <Countdown at={earliestDeadlineAt} zone={zone} />}
      </Fact>
      <Fact name="Oldest">{oldestAt === null ? '–' : <Ago at={oldestAt} zone={zone} />}</Fact>
      <Fact name="Queued">{countText(queue.queued)}</Fact>
      <Fact name="In batches">{countText(queue.batched)}</Fact>
      <Fact name="Going to sync">{countText(queue.escalating)}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
