import { InertText } from '@/app/_ui/inert-text';
import { subjectOf } from '@/lib/core/series/chart-model';
import { roundDurationText } from '@/lib/core/series/duration-axis';
import type { IntervalChart } from '@/lib/core/series/interval-chart';
import classes from './interval-plot.module.css';
import { strokeOf } from './paint';

/** A dot and a whisker per row on one log axis of time. */
export function IntervalPlot({ name, chart }: { name: string; chart: IntervalChart }) {
  const [low, high] = chart.x.domain;
  const at = (ms: number) => `${(Math.log(Math.min(high, Math.max(low, ms)) / low) / Math.log(high / low)) * 100}%`;
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>{name}</figcaption>
      <ul className={classes.rows}>
        {chart.rows.map(({ model, n, p50, low: from, high: to }) => {
          const { color } = strokeOf({ subject: subjectOf(model) });
          const said = `median ${roundDurationText(p50)}, 95 % ${roundDurationText(from)} to ${to === null ? 'unknown' : roundDurationText(to)}, n = ${n}`;
          return (
            <li key={model} className={classes.row} title={said}>
              <span className={classes.name}>
                <InertText>{model.replace(/^claude-/, '')}</InertText>
              </span>
              <span className={classes.lane} style={{ color }}>
                <span className="visually-hidden">{said}</span>
                <span
                  className={classes.whisker}
                  data-open={to === null || undefined}
                  style={{
                    insetInlineStart: at(from),
                    insetInlineEnd: `calc(100% - ${to === null ? '100%' : at(to)})`,
                  }}
                />
                <span className={classes.dot} style={{ insetInlineStart: at(p50) }} />
              </span>
            </li>
          );
        })}
      </ul>
      <div className={classes.axis} aria-hidden="true">
        {chart.x.ticks.map((ms) => (
          <span key={ms} style={{ insetInlineStart: at(ms) }}>
            {roundDurationText(ms)}
          </span>
        ))}
      </div>
    </figure>
  );
}
