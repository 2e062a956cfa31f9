'use client';

import { useCallback, useMemo } from 'react';
import { Ago, useNow } from '@/app/_ui/ago';
import { countdownText, durationText } from '@/app/_ui/amounts';
import { Countdown } from '@/app/_ui/countdown';
import { LaneMark, StateMark } from '@/app/_ui/marks';
import { Empty } from '@/app/_ui/query-state';
import { onRequestLink, openRequest } from '@/app/_ui/requests/open-request';
import { useAsTrail } from '@/app/_ui/requests/trail';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import type { BatchItem } from '@/lib/contract/batches';
import classes from './batch.module.css';

/** The calls of a batch; any row opens its request. */
export function ItemTable({ items, zone }: { items: readonly BatchItem[]; zone: string }) {
  const ids = useMemo(() => items.map(({ requestId }) => requestId), [items]);
  const reveal = useCallback((id: string) => {
    document.querySelector<HTMLElement>(`[data-request="${CSS.escape(id)}"]`)?.focus();
  }, []);
  useAsTrail(ids, reveal);
  if (items.length === 0)
    return <Empty height={96}>It has no items: they went elsewhere, or the log is kept no longer.</Empty>;
  return (
    <ScrollRegion name="Items, table">
      <table className={`rows ${classes.items}`}>
        <thead>
          <tr>
            <th scope="col">Arrived</th>
            <th scope="col">Request</th>
            <th scope="col" data-spare>
              In the lane
            </th>
            <th scope="col" data-spare>
              Answered by
            </th>
            <th scope="col" data-numeric>
              Waited
            </th>
            <th scope="col" data-numeric>
              Deadline
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <Row key={item.id} item={item} zone={zone} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function Row({ item, zone }: { item: BatchItem; zone: string }) {
  const isOpen = item.state !== 'done';
  return (
    // The link is the keyboard's way in; the row only enlarges it for the pointer.
    <tr className={classes.row} onClick={() => openRequest(item.requestId)}>
      <th scope="row">
        <a href={`/requests/${item.requestId}`} data-request={item.requestId} onClick={onRequestLink(item.requestId)}>
          <Ago at={item.arrivedAt} zone={zone} />
          <span className="visually-hidden">, open request {item.requestId}</span>
        </a>
      </th>
      <td>
        <StateMark state={item.requestState} />
      </td>
      <td data-spare>{item.outcome ?? item.state}</td>
      <td data-spare>{item.servedBy === null ? '–' : <LaneMark lane={item.servedBy} />}</td>
      <td data-numeric>
        {isOpen ? <Waiting since={item.arrivedAt} /> : item.waitingMs === null ? '–' : durationText(item.waitingMs)}
      </td>
      <td data-numeric>
        {item.answerBy === null ? (
          '–'
        ) : isOpen ? (
          <Countdown at={item.answerBy} zone={zone} />
        ) : (
          <Ago at={item.answerBy} zone={zone} />
        )}
      </td>
    </tr>
  );
}

function Waiting({ since }: { since: string }) {
  const now = useNow();
  return now === 0 ? '' : countdownText(Math.max(0, now - Date.parse(since)));
}
