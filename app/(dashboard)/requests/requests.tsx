'use client';

import { Button } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { createSerializer, useQueryStates } from 'nuqs';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { pageParams, refreshEvery, usePageRange } from '@/app/_data/page-range';
import { exportHref, newestRequestQuery, requestsQuery } from '@/app/_data/requests';
import { downloadFrom } from '@/app/_ui/download';
import { IconButton } from '@/app/_ui/icon-button';
import { PickMenu } from '@/app/_ui/pick-menu';
import { Empty, QueryState } from '@/app/_ui/query-state';
import type { RequestRow } from '@/lib/contract/requests';
import { COLUMNS } from './columns';
import { FilterBar } from './filter-bar';
import { RequestTable } from './request-table';
import classes from './requests.module.css';
import { columnParams, requestParams } from './search-params';
import { useDefaultView } from './use-default-view';
import { ViewMenu } from './view-menu';
import { Volume } from './volume';

const DEFAULT_COLUMNS = COLUMNS.filter(({ isDefault }) => isDefault).map(({ id }) => id);
const NO_ROWS: readonly RequestRow[] = [];

/** The request log: filters above, rows below, one request at a time beside them. */
export function Requests() {
  const range = usePageRange();
  const client = useQueryClient();
  useDefaultView();
  const [filters, setFilters] = useQueryStates(requestParams, { history: 'push' });
  const [{ columns: linked }, setLinked] = useQueryStates(columnParams);
  const [atTop, setAtTop] = useState(true);
  const [stored, setStored] = useLocalStorage({ key: 'offpeak-request-columns', defaultValue: DEFAULT_COLUMNS });
  const [isVolumeShown, setVolumeShown] = useLocalStorage({ key: 'offpeak-request-volume', defaultValue: true });
  const shown = linked ?? stored;
  const columns = COLUMNS.filter(({ id }) => shown.includes(id));
  const pickColumns = (ids: string[]) => {
    setStored(ids.length > 0 ? ids : DEFAULT_COLUMNS);
    void setLinked({ columns: null });
  };

  const options = requestsQuery(range, filters);
  const query = useInfiniteQuery({
    ...options,
    // At its top the list follows the log; further down rows must not move under the reader.
    refetchInterval: ({ state }) =>
      atTop && state.data?.pages.length === 1 ? refreshEvery(range, range.refresh * 1_000) : false,
  });
  const { fetchNextPage } = query;
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.rows) ?? NO_ROWS, [query.data]);
  // A page may end before it has found anything: then it is searched further back.
  const isSearching = rows.length === 0 && query.hasNextPage && !query.isFetchNextPageError;
  useEffect(() => {
    if (isSearching && !query.isFetching) more();
  }, [isSearching, query.isFetching, more]);
  const isNewestFirst = filters.order === 'newest';
  const newest = useQuery({ ...newestRequestQuery(range, filters), enabled: range.ready && !atTop && isNewestFirst });
  const newestId = newest.data?.rows[0]?.id;
  const hasNewer = isNewestFirst && !atTop && newestId !== undefined && rows[0] !== undefined && newestId > rows[0].id;

  return (
    <div className={classes.page} data-volume={isVolumeShown || undefined}>
      <div className={classes.head}>
        <h1 className="visually-hidden">Requests</h1>
        <ViewMenu
          query={serialize({ from: range.from, to: range.to, ...filters, columns: columns.map(({ id }) => id) }).slice(
            1,
          )}
        />
        <FilterBar range={range} />
        <div className={classes.tools}>
          <PickMenu
            name="Columns"
            isQuiet
            align="end"
            options={COLUMNS.map(({ id, name }) => ({ value: id, label: name }))}
            value={shown}
            onChange={pickColumns}
          />
          <IconButton
            icon="chart"
            label={isVolumeShown ? 'Hide the volume' : 'Chart these requests'}
            aria-pressed={isVolumeShown}
            onClick={() => setVolumeShown(!isVolumeShown)}
          />
          <IconButton
            icon="download"
            label="Download the list as CSV, at most 100,000 rows"
            disabled={rows.length === 0}
            onClick={() => downloadFrom(exportHref(range, filters))}
          />
        </div>
      </div>
      {isVolumeShown ? <Volume range={range} filters={filters} /> : null}
      <div className={classes.box}>
        <QueryState what="The requests" query={query} height={480}>
          {() =>
            rows.length === 0 ? (
              <Empty height={480}>
                {isSearching
                  ? 'Nothing matches so far: looking further back…'
                  : 'No request in this range matches. Widen the range or take filters away.'}
              </Empty>
            ) : (
              <RequestTable
                rows={rows}
                columns={columns}
                order={filters.order}
                onOrder={(order) => void setFilters({ order })}
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

/** What a saved view keeps. */
const serialize = createSerializer({
  from: pageParams.from,
  to: pageParams.to,
  ...requestParams,
  ...columnParams,
});
