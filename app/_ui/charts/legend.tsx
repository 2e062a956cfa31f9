import { InertText } from '@/app/_ui/inert-text';
import { visibleText } from '@/app/_ui/visible-text';
import type { ChartSeries } from '@/lib/core/series/chart-model';
import classes from './legend.module.css';
import { Swatch } from './swatch';

interface LegendProps {
  series: readonly ChartSeries[];
  kind: 'bars' | 'lines';
  /** The one group that is shown alone, or all. */
  only: string | null;
  onOnly: (group: string | null) => void;
}

export function Legend({ series, kind, only, onOnly }: LegendProps) {
  const groups = series.filter(({ group }, i) => series.findIndex((other) => other.group === group) === i);
  return (
    <ul className={classes.list}>
      {groups.map((one) => (
        <li key={one.group}>
          <button
            type="button"
            className={classes.entry}
            aria-pressed={only === one.group}
            data-hidden={(only !== null && only !== one.group) || undefined}
            title={only === one.group ? 'Show all' : `Show only ${visibleText(one.group)}`}
            onClick={() => onOnly(only === one.group ? null : one.group)}
          >
            <Swatch of={one} kind={kind} />
            <InertText>{one.group.replace(/^claude-/, '')}</InertText>
          </button>
        </li>
      ))}
    </ul>
  );
}
