'use client';

import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { usePathname } from 'next/navigation';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { openRequest, requestIdOf } from '@/app/_ui/requests/open-request';
import { useAsTrail } from '@/app/_ui/requests/trail';
import type { RequestRow } from '@/lib/contract/requests';
import type { RequestOrder } from '@/lib/core/request-states';
import type { Column } from './columns';
import classes from './requests.module.css';

const ROW_HEIGHT = 34;
const END_TEXT: Readonly<Record<RequestOrder, string>> = {
  newest: 'No older requests in this range.',
  cost: 'The most expensive of the newest 100,000 finished requests; at most 500.',
  latency: 'The slowest of the newest 100,000 finished requests; at most 500.',
};
/** Rows left below the view when the next page is fetched. */
const AHEAD = 30;

interface RequestTableProps {
  rows: readonly RequestRow[];
  columns: readonly Column[];
  order: RequestOrder;
  onOrder: (order: RequestOrder) => void;
  zone: string;
  hasMore: boolean;
  isLoadingMore: boolean;
  /** The next page could not be loaded: it is fetched again only when asked. */
  failedMore: Error | null;
  onMore: () => void;
  onTop: (isAtTop: boolean) => void;
}

/** A real table of which only the rows in view exist; spacers above and below stand for the others. */
export function RequestTable({
  rows,
  columns,
  order,
  onOrder,
  zone,
  hasMore,
  isLoadingMore,
  failedMore,
  onMore,
  onTop,
}: RequestTableProps) {
  const box = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);
  const isNearEnd = last !== undefined && last.index >= rows.length - AHEAD;
  const isWanted = isNearEnd && hasMore && !isLoadingMore && failedMore === null;
  useEffect(() => {
    if (isWanted) onMore();
  }, [isWanted, onMore]);

  const ids = useMemo(() => rows.map(({ id }) => id), [rows]);
  const reveal = useCallback(
    (id: string) => {
      virtual.scrollToIndex(Math.max(0, ids.indexOf(id)));
      requestAnimationFrame(() =>
        box.current?.querySelector<HTMLElement>(`[data-request="${CSS.escape(id)}"]`)?.focus({ preventScroll: true }),
      );
    },
    [virtual, ids],
  );
  useAsTrail(ids, reveal);

  const openId = requestIdOf(usePathname());
  useEffect(() => {
    const index = openId === null ? -1 : ids.indexOf(openId);
    if (index >= 0) virtual.scrollToIndex(index);
  }, [openId, ids, virtual]);

  return (
    <section
      ref={box}
      className={classes.scroll}
      aria-label="Requests, table"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={(event) => onTop(event.currentTarget.scrollTop < ROW_HEIGHT)}
    >
      <table className={`rows ${classes.table}`} aria-rowcount={hasMore ? -1 : rows.length + 1}>
        <colgroup>
          {columns.map(({ id, width }) => (
            <col key={id} style={{ width }} />
          ))}
          <col />
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <ColumnHead key={column.id} column={column} order={order} onOrder={onOrder} />
            ))}
            <td aria-hidden="true" />
          </tr>
        </thead>
        <tbody>
          <Spacer height={first?.start ?? 0} />
          {items.map(({ index }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              // The link in the first column is the keyboard's way in; the row only enlarges it for the pointer.
              <tr
                key={row.id}
                aria-rowindex={index + 2}
                className={classes.row}
                data-open={row.id === openId || undefined}
                onClick={() => openRequest(row.id)}
              >
                {columns.map(({ id, isNumeric, cell }) => (
                  <td key={id} data-numeric={isNumeric}>
                    {cell(row, zone)}
                  </td>
                ))}
                <td aria-hidden="true" />
              </tr>
            );
          })}
          <Spacer height={virtual.getTotalSize() - (last?.end ?? 0)} />
        </tbody>
      </table>
      <div className={classes.end} role="status">
        {isLoadingMore ? 'Loading more…' : hasMore ? '' : END_TEXT[order]}
        {failedMore && !isLoadingMore ? (
          <>
            More could not be loaded: {failedMore.message}{' '}
            <Button size="compact-xs" variant="default" onClick={onMore}>
              Retry
            </Button>
          </>
        ) : null}
      </div>
    </section>
  );
}

function ColumnHead({ column, order, onOrder }: Pick<RequestTableProps, 'order' | 'onOrder'> & { column: Column }) {
  const { name, isNumeric, order: own } = column;
  if (own === undefined) {
    return (
      <th scope="col" data-numeric={isNumeric}>
        {name}
      </th>
    );
  }
  const isOn = order === own;
  return (
    <th scope="col" data-numeric={isNumeric} aria-sort={isOn ? 'descending' : 'none'}>
      <button
        type="button"
        className={classes.order}
        title={isOn ? 'Newest first' : 'Highest first'}
        onClick={() => onOrder(isOn ? 'newest' : own)}
      >
        {name} {isOn ? '↓' : ''}
      </button>
    </th>
  );
}

function Spacer({ height }: { height: number }) {
  return height > 0 ? (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in here takes the focus
    <tr aria-hidden="true">
      <td className={classes.spacer} style={{ height }} />
    </tr>
  ) : null;
}
