'use client';

import { NativeSelect } from '@mantine/core';
import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { REFRESH_CHOICES, usePageRange } from '@/app/_data/page-range';
import { useNow } from '@/app/_ui/ago';
import { agoText } from '@/app/_ui/amounts';
import { Icon } from '@/app/_ui/icon';
import { announce } from '@/app/_ui/live-region';
import classes from './top-bar.module.css';

export const REFRESH_TEXT: Readonly<Record<number, string>> = {
  0: 'Off',
  10: '10 s',
  30: '30 s',
  60: '1 min',
  300: '5 min',
};

/** Refresh by hand, or every so often: queries rest while the tab is hidden or something lies over the page. */
export function RefreshControl() {
  const { refresh, setRefresh, isCovered } = usePageRange();
  const client = useQueryClient();
  const isFetching = useIsFetching() > 0;
  const refreshNow = () => {
    void client.invalidateQueries().then(() => announce('Updated'));
  };
  return (
    <div className={classes.group}>
      <span className={classes.updated} title={isCovered && refresh > 0 ? 'Paused while something is open' : undefined}>
        <Updated isPaused={isCovered && refresh > 0} />
      </span>
      <button
        type="button"
        className={classes.iconButton}
        onClick={refreshNow}
        aria-label="Refresh now"
        title="Refresh now"
      >
        <span className={classes.spinner} data-active={isFetching || undefined}>
          <Icon name="refresh" />
        </span>
      </button>
      <NativeSelect
        size="xs"
        variant="unstyled"
        className={classes.refresh}
        aria-label="Refresh every"
        title="Refresh every (paused while this tab is hidden or something is open)"
        value={refresh}
        onChange={(event) => setRefresh(Number(event.currentTarget.value))}
        data={REFRESH_CHOICES.map((seconds) => ({ value: String(seconds), label: REFRESH_TEXT[seconds] ?? '' }))}
      />
    </div>
  );
}

/** When the figures of the page were last fetched. Not announced: it changes each second. */
function Updated({ isPaused }: { isPaused: boolean }) {
  const client = useQueryClient();
  const now = useNow();
  const latest = client
    .getQueryCache()
    .findAll({ type: 'active', predicate: ({ queryKey }) => queryKey[0] !== 'status' })
    .reduce((at, { state }) => Math.max(at, state.dataUpdatedAt), 0);
  if (now === 0 || latest === 0) return null;
  // The shown clock ticks once a second; what was just fetched is younger.
  return `${isPaused ? 'paused, ' : ''}updated ${agoText(Math.min(latest, now), now)}`;
}
