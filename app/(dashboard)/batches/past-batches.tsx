'use client';

import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useQueryStates } from 'nuqs';
import { useMemo } from 'react';
import { batchesQuery } from '@/app/_data/batches';
import { summaryQuery } from '@/app/_data/metrics';
import type { PageRange } from '@/app/_data/page-range';
import { Ago } from '@/app/_ui/ago';
import { countText, durationText, moneyText } from '@/app/_ui/amounts';
import { InertText } from '@/app/_ui/inert-text';
import { BatchStateMark } from '@/app/_ui/marks';
import { Panel } from '@/app/_ui/panel';
import { PickMenu } from '@/app/_ui/pick-menu';
import { Empty, QueryState } from '@/app/_ui/query-state';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import type { BatchRow } from '@/lib/contract/batches';
import { BATCH_STATES } from '@/lib/core/lane-states';
import classes from './batches.module.css';
import { HowToBatch } from './how-to-batch';
import { batchParams } from './search-params';

const HEIGHT = 320;
const NO_ROWS: readonly BatchRow[] = [];

interface PastBatchesProps {
  range: PageRange;
  /** Nothing waits and no batch is at work. */
  isIdle: boolean;
}

export function PastBatches({ range, isIdle }: PastBatchesProps) {
  const [filters, set] = useQueryStates(batchParams, { history: 'push' });
  const { data: summary } = useQuery(summaryQuery(range));
  const query = useInfiniteQuery({
    ...batchesQuery(range, filters),
    // A longer list stays as its reader has loaded it.
    refetchInterval: ({ state }) => (state.data?.pages.length === 1 ? range.refresh * 1_000 || false : false),
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.rows) ?? NO_ROWS, [query.data]);
  const isFiltered = filters.state.length > 0 || filters.model.length > 0;
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
          <PickMenu
            name="Model"
            align="end"
            options={(summary?.byModel ?? []).map(({ model }) => ({ value: model }))}
            value={filters.model}
            onChange={(model) => void set({ model: model.length > 0 ? model : null })}
          />
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
          ) : isIdle && !isFiltered ? (
            <HowToBatch />
          ) : (
            <Empty height={HEIGHT}>
              {isFiltered
                ? 'No batch in this range matches. Widen the range or take filters away.'
                : 'No batch of this range is over yet.'}
            </Empty>
          )
        }
      </QueryState>
    </Panel>
  );
}

function PastTable({ rows, zone }: { rows: readonly BatchRow[]; zone: string }) {
  return (
    <table className={`rows ${classes.wide}`}>
      <thead>
        <tr>
          <th scope="col">Made</th>
          <th scope="col">Batch</th>
          <th scope="col">State</th>
          <th scope="col">Model</th>
          {['Items', 'Turnaround', 'Delivered', 'Escalated', 'Late', 'Cost', 'Saved'].map((name) => (
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
  const to = href(`/batches/${row.id}`);
  return (
    // The link is the keyboard's way in; the row only enlarges it for the pointer.
    <tr className={classes.row} onClick={() => router.push(to)}>
      <td className={classes.one}>
        <Ago at={row.createdAt} zone={zone} />
      </td>
      <th scope="row">
        <Link
          href={to}
          className={`mono ${classes.id}`}
          title={row.msgbatchId ?? row.id}
          onClick={(event) => event.stopPropagation()}
        >
          {row.msgbatchId ?? row.id}
        </Link>
      </th>
      <td>
        <BatchStateMark state={row.state} />
      </td>
      <td className={classes.model}>
        <InertText>{row.model}</InertText>
      </td>
      <td data-numeric>{countText(row.items)}</td>
      <td data-numeric>{row.turnaroundMs === null ? '–' : durationText(row.turnaroundMs)}</td>
      <td data-numeric>{countText(row.delivered)}</td>
      <td data-numeric>{countText(row.escalated)}</td>
      <td data-numeric className={row.late > 0 ? classes.waste : undefined}>
        {countText(row.late)}
      </td>
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
