'use client';

import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { latencyQuery } from '@/app/_data/metrics';
import type { PageRange } from '@/app/_data/page-range';
import { useNow } from '@/app/_ui/ago';
import { bytesText, countdownText, countText, durationText } from '@/app/_ui/amounts';
import { Countdown } from '@/app/_ui/countdown';
import { BatchStateMark } from '@/app/_ui/marks';
import { Panel } from '@/app/_ui/panel';
import { Empty, QueryState } from '@/app/_ui/query-state';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import type { BatchesAnswer, BatchRow } from '@/lib/contract/batches';
import type { LatencyAnswer } from '@/lib/contract/metrics';
import { BatchName } from './batch-name';
import classes from './batches.module.css';

const HEIGHT = 176;

type Turnaround = LatencyAnswer['rows'][number];

interface OpenBatchesProps {
  range: PageRange;
  query: UseQueryResult<BatchesAnswer>;
}

/** Batches at work: how old, against what their model usually takes and the time that their items still have. */
export function OpenBatches({ range, query }: OpenBatchesProps) {
  const { data: latency } = useQuery(latencyQuery(range));
  const turnarounds = new Map(
    latency?.rows.filter(({ measure }) => measure === 'turnaround').map((row) => [row.model, row]),
  );
  return (
    <Panel
      title="Open batches"
      note="live; bars: age on the way to the earliest deadline; marks: p50 and p90 of turnaround"
    >
      <QueryState what="Open batches" query={query} height={HEIGHT}>
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty height={HEIGHT}>No batch is at work.</Empty>
          ) : (
            <ScrollRegion name="Open batches, table" height={HEIGHT}>
              <table className={`rows ${classes.table}`}>
                <thead>
                  <tr>
                    <th scope="col">Batch</th>
                    <th scope="col" data-spare>
                      State
                    </th>
                    <th scope="col" data-numeric>
                      Waiting
                    </th>
                    <th scope="col" data-numeric data-spare>
                      Size
                    </th>
                    <th scope="col">Age</th>
                    <th scope="col" data-numeric>
                      Earliest deadline
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <Row key={row.id} row={row} zone={range.tz} turnaround={turnarounds.get(row.model)} />
                  ))}
                </tbody>
              </table>
            </ScrollRegion>
          )
        }
      </QueryState>
    </Panel>
  );
}

function Row({ row, zone, turnaround }: { row: BatchRow; zone: string; turnaround: Turnaround | undefined }) {
  return (
    <tr>
      <th scope="row">
        <BatchName row={row} />
      </th>
      <td data-spare>
        <BatchStateMark state={row.state} />
      </td>
      <td data-numeric>
        {countText(row.waiting)} of {countText(row.items)}
      </td>
      <td data-numeric data-spare>
        {bytesText(row.bytes)}
      </td>
      <td className={classes.age}>
        <Age row={row} turnaround={turnaround} />
      </td>
      <td data-numeric>
        {row.earliestDeadlineAt === null ? '–' : <Countdown at={row.earliestDeadlineAt} zone={zone} />}
      </td>
    </tr>
  );
}

function Age({ row, turnaround }: { row: BatchRow; turnaround: Turnaround | undefined }) {
  const now = useNow();
  const begun = Date.parse(row.upstreamCreatedAt ?? row.createdAt);
  const age = now === 0 ? 0 : Math.max(0, now - begun);
  const usual = [turnaround?.p50, turnaround?.p90].filter((ms) => ms !== null && ms !== undefined);
  const left = row.earliestDeadlineAt === null ? 0 : Date.parse(row.earliestDeadlineAt) - begun;
  const whole = Math.max(1, age, left, ...usual);
  return (
    <>
      <span className={classes.track} aria-hidden="true">
        <span className={classes.fill} style={{ width: `${(age / whole) * 100}%` }} />
        {usual.map((ms) => (
          <span key={ms} className={classes.mark} style={{ left: `min(${(ms / whole) * 100}%, 100% - 2px)` }} />
        ))}
      </span>
      <span className={classes.one}>
        {now === 0 ? '' : countdownText(age)}
        <span className="small soft">
          {turnaround && turnaround.p50 !== null ? `, p50 ${durationText(turnaround.p50)}, n ${turnaround.n}` : ''}
        </span>
      </span>
    </>
  );
}
