'use client';

import { durationText, shareText } from '@/app/_ui/amounts';
import { InertText } from '@/app/_ui/inert-text';
import { useEditor } from '@/app/(dashboard)/policy/editor-context';
import { parseDuration } from '@/lib/core/duration';
import { Ecdf, ModelLine } from './ecdf';
import classes from './measured.module.css';
import { useModelFilter } from './model-filter';
import { shareWithin } from './share-within';

const MOST_MODELS = 3;

/** Where a threshold lies on what was measured: of each model, the share of its batches that are back by then. */
export function ThresholdStrip({ duration }: { duration: string }) {
  const { turnarounds, rangeText } = useEditor();
  const isMeant = useModelFilter();
  const ms = parseDuration(duration);
  if (ms === null || turnarounds === null) return null;
  const rows = turnarounds.filter((row) => row.n > 0 && isMeant(row.model));
  if (rows.length === 0) {
    return (
      <p className={classes.none}>
        {duration}: not measured, no batch came back in the {rangeText}
      </p>
    );
  }
  const shown = rows.slice(0, MOST_MODELS);
  return (
    <div className={classes.strip}>
      <Ecdf rows={shown} ms={ms} />
      <ul className={classes.shares} aria-label={`Batches back within ${duration}, ${rangeText}`}>
        {shown.map((row) => {
          const share = shareWithin(row, ms);
          return (
            <li
              key={row.model}
              title={share ? `95 % band ${shareText(share.low)} to ${shareText(share.high)}; ${rangeText}` : undefined}
            >
              <ModelLine model={row.model} />
              <span>
                {duration}: <strong>{share ? shareText(share.p) : '–'}</strong> of <InertText>{row.model}</InertText>{' '}
                batches
              </span>
              <span className="soft">
                n = {row.n}
                {row.p50 === null ? '' : `, p50 ${durationText(row.p50)}`}
                {row.p95 === null ? '' : `, p95 ${durationText(row.p95)}`}
              </span>
            </li>
          );
        })}
        {rows.length > MOST_MODELS ? <li className="soft">and {rows.length - MOST_MODELS} more models</li> : null}
      </ul>
    </div>
  );
}
