'use client';

import { Button } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useQueryStates } from 'nuqs';
import { useCallback, useMemo, useState } from 'react';
import { usePageRange } from '@/app/_data/page-range';
import { newestRequestQuery, requestsQuery } from '@/app/_data/requests';
import { download } from '@/app/_ui/download';
import { IconButton } from '@/app/_ui/icon-button';
import { PickMenu } from '@/app/_ui/pick-menu';
import { Empty, QueryState } from '@/app/_ui/query-state';
import type { RequestRow } from '@/lib/contract/requests';
import { csvOf } from '@/lib/core/series/csv';
import { COLUMNS, type Column } from './columns';
import { FilterBar } from './filter-bar';
import { RequestTable } from './request-table';
import classes from './requests.module.css';
import { requestParams } from './search-params';

const DEFAULT_COLUMNS = COLUMNS.filter(({ isDefault }) => isDefault).map(({ id }) => id);
const NO_ROWS: readonly RequestRow[] = [];

/** The request log: filters above, rows below, one request at a time beside them. */
export function Requests() {
  const range = usePageRange();
  const client = useQueryClient();
  const [filters] = useQueryStates(requestParams);
  const [atTop, setAtTop] = useState(true);
  const [shown, setShown] = useLocalStorage({ key: 'offpeak-request-columns', defaultValue: DEFAULT_COLUMNS });
  const columns = COLUMNS.filter(({ id }) => shown.includes(id));

  const options = requestsQuery(range, filters);
  const query = useInfiniteQuery({
    ...options,
    // At its top the list follows the log; further down rows must not move under the reader.
    refetchInterval: ({ state }) => (atTop && state.data?.pages.length === 1 ? range.refresh * 1_000 || false : false),
  });
  const { fetchNextPage } = query;
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.rows) ?? NO_ROWS, [query.data]);
  const newest = useQuery({ ...newestRequestQuery(range, filters), enabled: range.ready && !atTop });
  const newestId = newest.data?.rows[0]?.id;
  const hasNewer = !atTop && newestId !== undefined && rows[0] !== undefined && newestId > rows[0].id;

  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <h1 className="visually-hidden">Requests</h1>
        <FilterBar range={range} />
        <div className={classes.tools}>
          <PickMenu
            name="Columns"
            isQuiet
            align="end"
            options={COLUMNS.map(({ id, name }) => ({ value: id, label: name }))}
            value={shown}
            onChange={(ids) => setShown(ids.length > 0 ? ids : DEFAULT_COLUMNS)}
          />
          <IconButton
            icon="download"
            label="Download the loaded rows as CSV"
            disabled={rows.length === 0}
            onClick={() => download('offpeak-requests.csv', csvOf(tableOf(rows, columns)))}
          />
        </div>
      </div>
      <div className={classes.box}>
        <QueryState what="The requests" query={query} height={480}>
          {() =>
            rows.length === 0 ? (
              <Empty height={480}>No request in this range matches. Widen the range or take filters away.</Empty>
            ) : (
              <RequestTable
                rows={rows}
                columns={columns}
                zone={range.tz}
                hasMore={query.hasNextPage}
                isLoadingMore={query.isFetchingNextPage}
                failedMore={query.isFetchNextPageError ? query.error : null}
                onMore={more}
                onTop={setAtTop}
              />
            )
          }
        </QueryState>
        {hasNewer ? (
          <Button
            size="compact-sm"
            radius="xl"
            className={classes.newer ?? ''}
            onClick={() => void client.resetQueries({ queryKey: options.queryKey })}
          >
            New requests ↑
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function tableOf(rows: readonly RequestRow[], columns: readonly Column[]) {
  return {
    head: columns.map(({ id, name }) => (id === 'latency' || id === 'ttfb' ? `${name} (ms)` : name)),
    rows: rows.map((row) => columns.map(({ plain }) => plain(row))),
  };
}
