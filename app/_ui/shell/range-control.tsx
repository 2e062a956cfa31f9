'use client';

import dynamic from 'next/dynamic';
import { useRef } from 'react';
import { usePageRange } from '@/app/_data/page-range';
import { Icon } from '@/app/_ui/icon';
import { zoneLabel } from '@/lib/core/series/time-labels';
import { rangeLabel } from './range-presets';
import classes from './top-bar.module.css';

const loadPanel = () => import('./range-panel').then((module) => module.RangePanel);
const RangePanel = dynamic(loadPanel, { ssr: false });

/** The page's time range. The panel with the calendar is loaded when a pointer or the focus comes near. */
export function RangeControl({ opened, onChange }: { opened: boolean; onChange: (opened: boolean) => void }) {
  const range = usePageRange();
  const button = useRef<HTMLButtonElement>(null);
  const isUtc = range.tz === 'UTC';
  const preload = () => void loadPanel();
  const close = () => {
    onChange(false);
    button.current?.focus();
  };
  return (
    <div className={classes.rangeBox}>
      <div className={classes.group}>
        <button
          ref={button}
          type="button"
          className={classes.rangeButton}
          aria-haspopup="dialog"
          aria-expanded={opened}
          onPointerEnter={preload}
          onFocus={preload}
          onClick={() => (opened ? close() : onChange(true))}
        >
          <Icon name="clock" />
          <span className={classes.rangeText}>{rangeLabel(range.from, range.to, range.tz)}</span>
          <Icon name="chevron" size={12} />
        </button>
        <button
          type="button"
          className={classes.zone}
          aria-pressed={isUtc}
          title={isUtc ? `Show times in ${range.browserZone}` : 'Show times in UTC'}
          onClick={() => range.setZone(isUtc && range.browserZone !== 'UTC' ? null : 'UTC')}
        >
          {range.ready ? (isUtc ? 'UTC' : zoneLabel(range.tz, Date.now())) : ''}
        </button>
      </div>
      {range.resetZoom ? (
        <button
          type="button"
          className={classes.unzoom}
          aria-label="Reset zoom"
          title="Reset the zoom (z)"
          onClick={range.resetZoom}
        >
          <Icon name="undo" />
          <span className={classes.unzoomText}>Reset zoom</span>
        </button>
      ) : null}
      {opened ? <RangePanel opener={button} onClose={close} /> : null}
    </div>
  );
}
