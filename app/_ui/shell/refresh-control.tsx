'use client';

import { NativeSelect } from '@mantine/core';
import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { REFRESH_CHOICES, usePageRange } from '@/app/_data/page-range';
import { Icon } from '@/app/_ui/icon';
import { announce } from '@/app/_ui/live-region';
import classes from './top-bar.module.css';

const LABELS: Readonly<Record<number, string>> = { 0: 'Off', 10: '10 s', 30: '30 s', 60: '1 min' };

/** Refresh by hand, or every so often: queries rest while the tab is hidden. */
export function RefreshControl() {
  const { refresh, setRefresh } = usePageRange();
  const client = useQueryClient();
  const isFetching = useIsFetching() > 0;
  const refreshNow = () => {
    void client.invalidateQueries().then(() => announce('Updated'));
  };
  return (
    <div className={classes.group}>
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
        title="Refresh every (paused while this tab is hidden)"
        value={refresh}
        onChange={(event) => setRefresh(Number(event.currentTarget.value))}
        data={REFRESH_CHOICES.map((seconds) => ({ value: String(seconds), label: LABELS[seconds] ?? '' }))}
      />
    </div>
  );
}
