'use client';

import type { UseQueryResult } from '@tanstack/react-query';
import type { PageRange } from '@/app/_data/page-range';
import { Ago } from '@/app/_ui/ago';
import { bytesText, countText } from '@/app/_ui/amounts';
import { Countdown } from '@/app/_ui/countdown';
import { InertText } from '@/app/_ui/inert-text';
import { Panel } from '@/app/_ui/panel';
import { Empty, QueryState } from '@/app/_ui/query-state';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import type { BatchesAnswer } from '@/lib/contract/batches';
import classes from './batches.module.css';

const HEIGHT = 104;

/** Calls that are in no batch yet, by what may share one. */
export function QueuePanel({ range, query }: { range: PageRange; query: UseQueryResult<BatchesAnswer> }) {
  return (
    <Panel title="Queue" note="live; calls that are in no batch yet, by what may share one">
      <QueryState what="The queue" query={query} height={HEIGHT}>
        {({ queue: { groups } }) =>
          groups.length === 0 ? (
            <Empty height={HEIGHT}>Nothing is queued.</Empty>
          ) : (
            <ScrollRegion name="Queue, table" height={HEIGHT}>
              <table className={`rows ${classes.table}`}>
                <thead>
                  <tr>
                    <th scope="col">Model</th>
                    <th scope="col" data-spare>
                      Answers
                    </th>
                    <th scope="col" data-spare>
                      Credential
                    </th>
                    <th scope="col" data-numeric>
                      Calls
                    </th>
                    <th scope="col" data-numeric data-spare>
                      Size
                    </th>
                    <th scope="col" data-numeric data-spare>
                      Oldest
                    </th>
                    <th scope="col" data-numeric>
                      Sent
                    </th>
                    <th scope="col" data-numeric>
                      Earliest deadline
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {groups.map((group) => (
                    <tr key={group.group}>
                      <th scope="row" className={classes.model}>
                        <InertText>{group.model}</InertText>
                      </th>
                      <td data-spare>{group.sizeClass}</td>
                      <td data-spare>
                        <InertText>{group.credential}</InertText>
                      </td>
                      <td data-numeric>{countText(group.items)}</td>
                      <td data-numeric data-spare>
                        {bytesText(group.bytes)}
                      </td>
                      <td data-numeric data-spare>
                        <Ago at={group.oldestAt} zone={range.tz} />
                      </td>
                      <td data-numeric>
                        <Ago at={group.windowEndsAt} zone={range.tz} />
                      </td>
                      <td data-numeric>
                        <Countdown at={group.earliestDeadlineAt} zone={range.tz} />
                      </td>
                    </tr>
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
