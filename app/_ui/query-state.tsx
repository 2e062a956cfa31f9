'use client';

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './query-state.module.css';

/** What the states need of a query, whether it has one page or many. */
export interface QueryView<T> {
  data: T | undefined;
  error: Error | null;
  isPlaceholderData: boolean;
  isFetching: boolean;
  refetch: () => Promise<unknown>;
}

interface QueryStateProps<T> {
  /** Names the query in its error: "Spend over time". */
  what: string;
  query: QueryView<T>;
  /** The final height in px: nothing jumps when the answer comes. */
  height: number;
  children: (data: T) => ReactNode;
}

/** Skeleton, error with Retry, or the answer; an answer stays while a newer one is fetched, and when that fails. */
export function QueryState<T>({ what, query, height, children }: QueryStateProps<T>) {
  if (query.data !== undefined) {
    return (
      <div className={classes.answer} data-stale={query.isPlaceholderData || undefined}>
        {query.error ? <Failure what={what} query={query} isStale /> : null}
        {children(query.data)}
      </div>
    );
  }
  if (query.error) {
    return (
      <div className={classes.center} style={{ minHeight: height }}>
        <Failure what={what} query={query} />
      </div>
    );
  }
  return (
    <div className={classes.skeleton} style={{ height }} aria-busy="true">
      <span className="visually-hidden">{what} is loading</span>
    </div>
  );
}

/** In place of an answer, or, when an older one is still shown, laid over its edge so that nothing moves. */
function Failure<T>({ what, query, isStale = false }: { what: string; query: QueryView<T>; isStale?: boolean }) {
  return (
    <div className={classes.failure} role={isStale ? 'status' : 'alert'} data-over={isStale || undefined}>
      <span title={query.error?.message}>
        {isStale ? `Out of date: ${query.error?.message}` : `${what} could not be loaded: ${query.error?.message}`}
      </span>
      <Button
        size="compact-xs"
        variant="default"
        loading={query.isFetching}
        onClick={() => void query.refetch()}
        flex="none"
      >
        Retry
      </Button>
    </div>
  );
}

/** No data, said in words, in the place and size of the data. */
export function Empty({ height, children }: { height?: number; children: ReactNode }) {
  return (
    <div className={classes.center} style={{ minHeight: height }}>
      <p className="soft">{children}</p>
    </div>
  );
}
