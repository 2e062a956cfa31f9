'use client';

import { Countdown } from '@/app/_ui/countdown';
import { StageTable } from '@/app/_ui/stage-table';
import type { RequestDetail } from '@/lib/contract/requests';
import classes from './request-detail-view.module.css';
import { requestStages } from './request-stages';

/** The way of a request through the lanes; of one that is not over, what it still has time for. */
export function Timeline({ detail, zone }: { detail: RequestDetail; zone: string }) {
  const { start, stages, end } = requestStages(detail);
  const { item, request } = detail;
  const isPending = item !== null && item.state !== 'done';
  if (stages.length === 0) return null;
  return (
    <section>
      <h2>Timeline</h2>
      <StageTable label="Timeline" zone={zone} start={start} stages={stages} end={end} />
      {isPending ? (
        <p className={`small soft ${classes.below}`}>
          Deadline in <Countdown at={request.deadlineAt ?? item.answerBy} zone={zone} />
          {item.state === 'escalating' ? null : item.escalateAt === null ? (
            '; never answered by sync.'
          ) : (
            <>
              ; answered by sync in <Countdown at={item.escalateAt} zone={zone} /> unless the batch is back before.
            </>
          )}
        </p>
      ) : null}
    </section>
  );
}
