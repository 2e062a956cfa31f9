'use client';

import { isoInZone, momentLabel } from '@/lib/core/series/time-labels';
import { useNow } from './ago';
import { countdownText } from './amounts';
import classes from './countdown.module.css';

/** Time left until a deadline, running; its exact moment is the title. */
export function Countdown({ at, zone }: { at: string; zone: string }) {
  const nowMs = useNow();
  const atMs = Date.parse(at);
  const left = atMs - nowMs;
  const isLate = nowMs > 0 && left < 0;
  return (
    <time
      dateTime={isoInZone(atMs, zone)}
      title={`${momentLabel(atMs, zone, true)} ${zone}`}
      className={isLate ? classes.late : undefined}
    >
      {nowMs === 0 ? '' : isLate ? `${countdownText(-left)} late` : countdownText(left)}
    </time>
  );
}
