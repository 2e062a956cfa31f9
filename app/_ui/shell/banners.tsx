'use client';

import { useQuery } from '@tanstack/react-query';
import { ApiFailure } from '@/app/_data/fetch-json';
import { statusQuery } from '@/app/_data/status';
import { countText } from '@/app/_ui/amounts';
import { Icon } from '@/app/_ui/icon';
import type { Status } from '@/lib/contract/status';
import classes from './banners.module.css';
import { PausedBanner } from './paused-banner';

/** What the server knows of the upstream while it renders, before the status comes. */
export type KnownUpstream = Pick<Status['upstream'], 'simulated' | 'timeScale'>;

/** What must not be overlooked on any page: trouble loudly, a simulated upstream calmly. */
export function Banners({ upstream: known }: { upstream: KnownUpstream | null }) {
  const { data: status, error } = useQuery(statusQuery);
  const upstream = status?.upstream ?? known;
  const isAway = error instanceof ApiFailure && error.status === 0;
  const isSignedOut = error instanceof ApiFailure && error.status === 401;
  return (
    <>
      {error && !isSignedOut ? (
        <p className={classes.alarm} role="alert">
          <Icon name="warning" />
          <span>
            <strong>Offpeak does not answer.</strong> What you see may be out of date.
            {isAway ? ' Is it still running?' : ` ${error.message}`}
          </span>
        </p>
      ) : null}
      {status?.database === 'down' ? (
        <p className={classes.alarm} role="alert">
          <Icon name="warning" />
          <span>
            <strong>The database is down.</strong> Calls are still served, always sync.{' '}
            {countText(status.spool.pending)} log records wait on disk and are written when it is back.
          </span>
        </p>
      ) : null}
      {status && status.spool.dropped > 0 ? (
        <p className={classes.alarm} role="alert">
          <Icon name="warning" />
          <span>
            <strong>{countText(status.spool.dropped)} log records were lost</strong> because the spool was full: costs
            and counts here are too low. Bring the database back, or give the data folder more room.
          </span>
        </p>
      ) : null}
      {status?.policy.pause ? <PausedBanner pause={status.policy.pause} /> : null}
      {upstream?.simulated ? (
        <p className={classes.notice}>
          <Icon name="warning" />
          <span>
            <strong>Simulated upstream.</strong> No call reaches Anthropic and no cost is real
            {upstream.timeScale === 1 ? '' : `; its time runs ${upstream.timeScale}× as fast`}. For real calls set{' '}
            <code>ANTHROPIC_API_KEY</code> and start again.
          </span>
        </p>
      ) : null}
    </>
  );
}
