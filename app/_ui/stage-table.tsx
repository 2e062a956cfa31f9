'use client';

import { momentLabel } from '@/lib/core/series/time-labels';
import { useNow } from './ago';
import { countdownText, durationText } from './amounts';
import { InertText } from './inert-text';
import { ScrollRegion } from './scroll-region';
import type { Stage, StageEnd } from './stage';
import classes from './stage-table.module.css';

interface StageTableProps {
  label: string;
  zone: string;
  /** Unix ms at which the time line begins. */
  start: number;
  stages: readonly Stage[];
  /** How it all ended, or stands. */
  end: StageEnd;
}

/** Stages as bars on one time line, each with its beginning, its length and what it cost; hatched: it goes on. */
export function StageTable({ label, zone, start, stages, end }: StageTableProps) {
  const now = useNow();
  const until = (to: number | null) => Math.max(start, to ?? now);
  const last = Math.max(start + 1, until(end.at), ...stages.map(({ to }) => until(to)));
  const share = (at: number) => (Math.min(Math.max(at - start, 0), last - start) / (last - start)) * 100;
  const hasCost = stages.some(({ cost }) => cost !== null);
  return (
    <ScrollRegion name={label}>
      <table className={`rows ${classes.table}`}>
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col" data-numeric title="Time from the beginning until the stage began">
              After
            </th>
            <th scope="col" data-numeric>
              Took
            </th>
            {hasCost ? (
              <th scope="col" data-numeric>
                Cost
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {stages.map((stage) => (
            <tr key={stage.id}>
              <th scope="row" className={classes.stage}>
                {stage.name}
                {stage.note ? (
                  <span className={classes.note}>
                    {' · '}
                    <InertText>{stage.note}</InertText>
                  </span>
                ) : null}
                <span className={classes.track} aria-hidden="true">
                  <span
                    className={classes.bar}
                    data-tone={stage.tone}
                    data-open={stage.to === null || undefined}
                    style={{
                      left: `${share(stage.from)}%`,
                      width: `${Math.max(0, share(until(stage.to)) - share(stage.from))}%`,
                    }}
                  />
                </span>
              </th>
              <td data-numeric>
                <Moment at={stage.from} start={start} zone={zone} />
              </td>
              <td data-numeric>{tookText(stage.from, stage.to, now)}</td>
              {hasCost ? <td data-numeric>{stage.cost ?? '–'}</td> : null}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr className={classes.total}>
            <th scope="row">{end.name}</th>
            <td data-numeric>{end.at === null ? '–' : <Moment at={end.at} start={start} zone={zone} />}</td>
            <td data-numeric>{tookText(start, end.at, now)}</td>
            {hasCost ? <td data-numeric>{end.cost ?? '–'}</td> : null}
          </tr>
        </tfoot>
      </table>
    </ScrollRegion>
  );
}

function Moment({ at, start, zone }: { at: number; start: number; zone: string }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={`${momentLabel(at, zone, true)} ${zone}`}>
      {durationText(Math.max(0, at - start))}
    </time>
  );
}

function tookText(from: number, to: number | null, now: number): string {
  if (to !== null) return durationText(Math.max(0, to - from));
  if (now === 0) return '';
  return `${countdownText(Math.max(0, now - from))} so far`;
}
