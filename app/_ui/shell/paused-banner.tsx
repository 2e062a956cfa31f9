'use client';

import { usePageRange } from '@/app/_data/page-range';
import { Ago } from '@/app/_ui/ago';
import { Icon } from '@/app/_ui/icon';
import { InertText } from '@/app/_ui/inert-text';
import type { Status } from '@/lib/contract/status';
import classes from './banners.module.css';
import { openPause } from './pause';

type Pause = NonNullable<Status['policy']['pause']>;

/** On every page: as long as it stands, nothing is saved. */
export function PausedBanner({ pause: { by, at, note } }: { pause: Pause }) {
  const { tz } = usePageRange();
  return (
    <p className={classes.paused}>
      <Icon name="pause" />
      <span>
        <strong>Everything goes to sync.</strong> The policy is paused
        {at ? (
          <>
            {' '}
            since <Ago at={at} zone={tz} />
          </>
        ) : null}
        {by ? (
          <>
            , by <InertText>{by}</InertText>
          </>
        ) : null}
        {note ? (
          <>
            : <InertText>{note}</InertText>
          </>
        ) : null}
      </span>
      <button type="button" className={classes.resume} onClick={openPause}>
        Put it in force again
      </button>
    </p>
  );
}
