'use client';

import { Button, NativeSelect, Progress } from '@mantine/core';
import { countText } from '@/app/_ui/amounts';
import type { PolicyDocument } from '@/lib/core/policy/document';
import { BacktestView } from './backtest-view';
import classes from './review.module.css';
import type { ExpectedEffect } from './use-expected-effect';

/** What the document would have done with the calls of a range. */
export function BacktestPanel({ document, effect }: { document: PolicyDocument; effect: ExpectedEffect }) {
  const { state, cancel, again, range, setRange, ranges, zone } = effect;
  return (
    <section aria-label="Expected effect" className={classes.effect}>
      <header className={classes.effectHead}>
        <h3>Expected effect</h3>
        <span className="soft small">had it been in force in the</span>
        <NativeSelect
          size="xs"
          aria-label="Range of the backtest"
          data={ranges.map(({ from, to, label }) => ({ value: `${from} ${to}`, label: label.toLowerCase() }))}
          value={`${range.from} ${range.to}`}
          onChange={({ currentTarget }) => {
            const [from = '', to = ''] = currentTarget.value.split(' ');
            setRange({ from, to });
          }}
        />
        {state.state === 'running' ? (
          <Button size="compact-xs" variant="default" onClick={cancel}>
            Cancel
          </Button>
        ) : (
          <Button size="compact-xs" variant="default" onClick={again}>
            Run again
          </Button>
        )}
      </header>
      {state.state === 'running' ? (
        <div role="status">
          <Progress
            aria-label="Backtest"
            transitionDuration={0}
            value={state.progress ? (100 * state.progress.done) / Math.max(1, state.progress.total) : 0}
          />
          <p className="soft small">
            {state.progress
              ? `${countText(state.progress.done)} of ${countText(state.progress.total)} calls decided anew`
              : 'Reading the log…'}
          </p>
        </div>
      ) : null}
      {state.state === 'failed' ? (
        <p className={classes.error} role="alert">
          The backtest failed: {state.message}
        </p>
      ) : null}
      {state.state === 'cancelled' ? <p className="soft">Cancelled.</p> : null}
      {state.state === 'done' ? <BacktestView answer={state.answer} document={document} zone={zone} /> : null}
    </section>
  );
}
