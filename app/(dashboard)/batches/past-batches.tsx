'use client';

import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useQueryStates } from 'nuqs';
import { useMemo } from 'react';
import { batchesQuery } from '@/app/_data/batches';
import { type PageRange, refreshEvery } from '@/app/_data/page-range';
import { Ago } from '@/app/_ui/ago';
import { countText, durationText, moneyText } from '@/app/_ui/amounts';
import { BatchStateMark } from '@/app/_ui/marks';
import { PageFilters } from '@/app/_ui/page-filters';
import { Panel } from '@/app/_ui/panel';
import { PickMenu } from '@/app/_ui/pick-menu';
import { Empty, QueryState } from '@/app/_ui/query-state';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import type { BatchRow } from '@/lib/contract/batches';
import { BATCH_STATES } from '@/lib/core/lane-states';
import { BatchName } from './batch-name';
import classes from './batches.module.css';
import { batchParams } from './search-params';

const HEIGHT = 240;
const NO_ROWS: readonly BatchRow[] = [];

/** The list of what is over, or of whatever states its reader asks for. */
export function usePastBatches(range: PageRange) {
  const [filters, set] = useQueryStates(batchParams, { history: 'push' });
  const query = useInfiniteQuery({
    ...batchesQuery(range, filters),
    // A longer list stays as its reader has loaded it.
    refetchInterval: ({ state }) =>
      state.data?.pages.length === 1 ? refreshEvery(range, range.refresh * 1_000) : false,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.rows) ?? NO_ROWS, [query.data]);
  return { filters, set, query, rows, isFiltered: filters.state.length > 0 || filters.model.length > 0 };
}

interface PastBatchesProps {
  range: PageRange;
  past: ReturnType<typeof usePastBatches>;
}

export function PastBatches({ range, past: { filters, set, query, rows, isFiltered } }: PastBatchesProps) {
  return (
    <Panel
      title="Past batches"
      note={isFiltered ? 'made in the range, filtered' : 'made in the range and over'}
      actions={
        <div className={classes.tools}>
          <PickMenu
            name="State"
            align="end"
            options={BATCH_STATES.map((value) => ({ value }))}
            value={filters.state}
            onChange={(picked) => {
              const state = BATCH_STATES.filter((value) => picked.includes(value));
              void set({ state: state.length > 0 ? state : null });
            }}
          />
          <PageFilters range={range} of={['model']} />
        </div>
      }
    >
      <QueryState what="Past batches" query={query} height={HEIGHT}>
        {() =>
          rows.length > 0 ? (
            <ScrollRegion name="Past batches, table">
              <PastTable rows={rows} zone={range.tz} />
              <div className={classes.end} role="status">
                {query.hasNextPage ? (
                  <Button
                    size="compact-sm"
                    variant="default"
                    loading={query.isFetchingNextPage}
                    onClick={() => void query.fetchNextPage()}
                  >
                    Older batches
                  </Button>
                ) : (
                  'No older batches in this range.'
                )}
              </div>
            </ScrollRegion>
          ) : (
            <Empty height={HEIGHT}>
              {isFiltered
                ? 'No batch in this range matches. Widen the range or take filters away.'
                : 'No batch of this range is over.'}
            </Empty>
          )
        }
      </QueryState>
    </Panel>
  );
}

function PastTable({ rows, zone }: { rows: readonly BatchRow[]; zone: string }) {
  return (
    <table className={`rows ${classes.table}`}>
      <thead>
        <tr>
          <th scope="col">Made</th>
          <th scope="col">Batch</th>
          <th scope="col" data-spare>
            State
          </th>
          {['Items', 'Delivered', 'Escalated', 'Late'].map((name) => (
            <th key={name} scope="col" data-numeric data-spare>
              {name}
            </th>
          ))}
          {['Turnaround', 'Cost', 'Saved'].map((name) => (
            <th key={name} scope="col" data-numeric>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <PastRow key={row.id} row={row} zone={zone} />
        ))}
      </tbody>
    </table>
  );
}

function PastRow({ row, zone }: { row: BatchRow; zone: string }) {
  const href = usePageHref();
  const router = useRouter();
  return (
    // The link is the keyboard's way in; the row only enlarges it for the pointer.
    <tr className={classes.row} onClick={() => router.push(href(`/batches/${row.id}`))}>
      <td className={classes.one}>
        <Ago at={row.createdAt} zone={zone} />
      </td>
      <th scope="row">
        <BatchName row={row} />
      </th>
      <td data-spare>
        <BatchStateMark state={row.state} />
      </td>
      <td data-numeric data-spare>
        {countText(row.items)}
      </td>
      <td data-numeric data-spare>
        {countText(row.delivered)}
      </td>
      <td data-numeric data-spare>
        {countText(row.escalated)}
      </td>
      <td data-numeric data-spare className={row.late > 0 ? classes.waste : undefined}>
        {countText(row.late)}
      </td>
      <td data-numeric>{row.turnaroundMs === null ? '–' : durationText(row.turnaroundMs)}</td>
      <td data-numeric>{row.costUsd === null ? '–' : moneyText(row.costUsd)}</td>
      <td data-numeric className={toneOf(row.savedUsd)}>
        {row.savedUsd === null ? '–' : moneyText(row.savedUsd)}
      </td>
    </tr>
  );
}

function toneOf(savedUsd: string | null): string | undefined {
  const saved = Number(savedUsd ?? 0);
  if (saved === 0) return undefined;
  return saved > 0 ? classes.saved : classes.waste;
}
