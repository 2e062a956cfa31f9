'use client';

import '@mantine/dates/styles.css';
import { Button, TextInput } from '@mantine/core';
import { DatePicker } from '@mantine/dates';
import { type RefObject, useState } from 'react';
import { resolveRange, usePageRange } from '@/app/_data/page-range';
import { PopPanel } from '@/app/_ui/pop-panel';
import { zoneLabel } from '@/lib/core/series/time-labels';
import { fromWallClock, toWallClock } from '@/lib/core/series/zoned-time';
import { copyAbsoluteLink } from './copy-absolute-link';
import classes from './range-panel.module.css';
import { PRESETS } from './range-presets';

interface Draft {
  fromDay: string | null;
  fromTime: string;
  toDay: string | null;
  toTime: string;
}

/** Presets on one side; a calendar with both times, in the shown zone, on the other. */
export function RangePanel({ opener, onClose }: { opener: RefObject<HTMLElement | null>; onClose: () => void }) {
  const range = usePageRange();
  const [draft, setDraft] = useState<Draft>(() => {
    const { from, to } = resolveRange(range, Date.now());
    const [start, end] = [toWallClock(from.getTime(), range.tz), toWallClock(to.getTime(), range.tz)];
    return { fromDay: start.slice(0, 10), fromTime: start.slice(11), toDay: end.slice(0, 10), toTime: end.slice(11) };
  });
  const from = fromWallClock(`${draft.fromDay}T${draft.fromTime}`, range.tz);
  const to = fromWallClock(`${draft.toDay ?? draft.fromDay}T${draft.toTime}`, range.tz);
  const isValid = from !== null && to !== null && from < to;

  const choose = (start: string, end: string) => {
    range.setRange(start, end);
    onClose();
  };

  return (
    <PopPanel name="Time range" opener={opener} onClose={onClose} className={classes.panel}>
      <div className={classes.presets}>
        {PRESETS.map((preset) => (
          <button
            key={preset.label}
            type="button"
            className={classes.preset}
            aria-pressed={preset.from === range.from && preset.to === range.to}
            onClick={() => choose(preset.from, preset.to)}
          >
            {preset.label}
          </button>
        ))}
        <button
          type="button"
          className={classes.preset}
          aria-pressed={range.compare}
          onClick={() => {
            range.setCompare(!range.compare);
            onClose();
          }}
        >
          Compare with the period before
        </button>
        <button
          type="button"
          className={classes.preset}
          onClick={() => {
            copyAbsoluteLink(range);
            onClose();
          }}
        >
          Copy link with absolute times
        </button>
      </div>
      <form
        className={classes.custom}
        onSubmit={(event) => {
          event.preventDefault();
          if (isValid) choose(new Date(from).toISOString(), new Date(to).toISOString());
        }}
      >
        <DatePicker
          type="range"
          size="xs"
          allowSingleDateInRange
          hideOutsideDates
          weekendDays={[]}
          value={[draft.fromDay, draft.toDay]}
          onChange={([fromDay, toDay]) => setDraft({ ...draft, fromDay, toDay })}
          maxDate={toWallClock(Date.now(), range.tz).slice(0, 10)}
          ariaLabels={{ nextMonth: 'Next month', previousMonth: 'Previous month' }}
        />
        <div className={classes.times}>
          <TextInput
            type="time"
            size="xs"
            label={`From ${draft.fromDay ?? ''}`}
            value={draft.fromTime}
            onChange={(event) => setDraft({ ...draft, fromTime: event.currentTarget.value })}
          />
          <TextInput
            type="time"
            size="xs"
            label={`To ${draft.toDay ?? draft.fromDay ?? ''}`}
            value={draft.toTime}
            onChange={(event) => setDraft({ ...draft, toTime: event.currentTarget.value })}
          />
        </div>
        <p className="small soft">Times in {zoneLabel(range.tz, from ?? Date.now())}.</p>
        <Button type="submit" size="xs" disabled={!isValid}>
          Apply
        </Button>
      </form>
    </PopPanel>
  );
}
