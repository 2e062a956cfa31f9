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
import { ageBar } from '@/lib/core/series/age-bar';
import { BatchName } from './batch-name';
import classes from './batches.module.css';

const HEIGHT = 176;
/** With more than fit the panel is taller, in one step: what stands below it keeps still meanwhile. */
const TALL = 384;
const FIT = 3;

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
      note={`${countOf(query.data)}live, the most pressing first; bars: age; marks: p50 and p90 of turnaround, and the earliest deadline where it is near`}
    >
      <QueryState what="Open batches" query={query} height={HEIGHT}>
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty height={HEIGHT}>No batch is at work.</Empty>
          ) : (
            <ScrollRegion name="Open batches, table" height={rows.length > FIT ? TALL : HEIGHT}>
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
                  {rows.toSorted(byPressure).map((row) => (
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

/** The API lists so many at most. */
function countOf(answer: BatchesAnswer | undefined): string {
  if (!answer || answer.rows.length === 0) return '';
  return `${countText(answer.rows.length)}${answer.nextCursor === null ? '' : ' or more'}; `;
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

/** The earliest deadline first; of one deadline the oldest. */
function byPressure(a: BatchRow, b: BatchRow): number {
  const deadline = ({ earliestDeadlineAt: at }: BatchRow) => (at === null ? Number.MAX_SAFE_INTEGER : Date.parse(at));
  return deadline(a) - deadline(b) || (a.createdAt < b.createdAt ? -1 : Number(a.createdAt > b.createdAt));
}

function Age({ row, turnaround }: { row: BatchRow; turnaround: Turnaround | undefined }) {
  const now = useNow();
  const begun = Date.parse(row.upstreamCreatedAt ?? row.createdAt);
  const age = now === 0 ? 0 : Math.max(0, now - begun);
  const left = row.earliestDeadlineAt === null ? null : Date.parse(row.earliestDeadlineAt) - begun;
  const { p50 = null, p90 = null, n = 0 } = turnaround ?? {};
  const bar = ageBar(age, { p50, p90 }, left);
  const at = (share: number) => `min(${share * 100}%, 100% - 2px)`;
  return (
    <>
      <span className={classes.track} aria-hidden="true">
        <span className={classes.fill} data-late={bar.isLate || undefined} style={{ width: `${bar.age * 100}%` }} />
        {bar.usual.map((share, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: p50 and p90, always in this order
          <span key={i} className={classes.mark} style={{ left: at(share) }} />
        ))}
        {bar.deadline === null ? null : <span className={classes.deadline} style={{ left: at(bar.deadline) }} />}
      </span>
      <span className={classes.one}>
        {now === 0 ? '' : countdownText(age)}
        <span className="small soft">
          {p50 === null ? ', not measured yet' : `, p50 ${durationText(p50)}`}
          {p90 === null ? '' : `, p90 ${durationText(p90)}`}
          {p50 === null ? '' : `, n ${n}`}
        </span>
      </span>
    </>
  );
}
