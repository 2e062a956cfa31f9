import { countText, durationText } from '@/app/_ui/amounts';
import { InertText } from '@/app/_ui/inert-text';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import { subjectOf } from '@/lib/core/series/chart-model';
import { tinyDurationText } from '@/lib/core/series/duration-axis';
import type { HeatCell, HeatTable } from '@/lib/core/series/heat-table';
import classes from './heat-grid.module.css';
import { Swatch } from './swatch';

interface HeatGridProps {
  name: string;
  heat: HeatTable;
  height: number;
  /** `wide`: few columns, with room to spell n out. */
  cells: 'dense' | 'wide';
}

/** Medians per model and column, shaded from quick to slow: a real table, so that it is read like one. */
export function HeatGrid({ name, heat, height, cells }: HeatGridProps) {
  return (
    <div className={classes.box} style={{ minHeight: height }}>
      <ScrollRegion name={`${name}, by model`}>
        <table className={classes.grid} data-cells={cells}>
          <thead>
            <tr>
              <th scope="col">Model</th>
              {heat.columns.map(({ name: column, title }) => (
                <th key={column} scope="col" title={title}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {heat.rows.map(({ model, cells: row }) => (
              <tr key={model}>
                <th scope="row">
                  <span className={classes.model}>
                    <Swatch of={{ subject: subjectOf(model), weight: 'strong' }} kind="bars" />
                    <InertText>{model.replace(/^claude-/, '')}</InertText>
                  </span>
                </th>
                {row.map((cell, i) => (
                  <Cell
                    key={heat.columns[i]?.name}
                    cell={cell}
                    title={heat.columns[i]?.title ?? ''}
                    isWide={cells === 'wide'}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {heat.scale ? (
        <p className={classes.scale}>
          p50 {durationText(heat.scale.low)} <span className={classes.ramp} aria-hidden="true" />{' '}
          {durationText(heat.scale.high)}
        </p>
      ) : null}
    </div>
  );
}

function Cell({ cell, title, isWide }: { cell: HeatCell; title: string; isWide: boolean }) {
  const { n, pending, p50, p95, heat } = cell;
  const count = `n = ${countText(n)}${pending > 0 ? `, ${countText(pending)} running` : ''}`;
  const tail = p95 === null ? '' : `, p95 ${durationText(p95)}`;
  const measured = p50 === null ? `n too small: ${count}` : `p50 ${durationText(p50)}${tail}, ${count}`;
  return (
    <td
      title={`${title}: ${measured}`}
      data-heat={heat === null ? undefined : ''}
      style={heat === null ? undefined : { ['--heat' as string]: `${Math.round(6 + heat * 44)}%` }}
    >
      {p50 === null ? <span className="soft">{n + pending > 0 ? '·' : ''}</span> : tinyDurationText(p50)}
      {n + pending > 0 ? <span className={classes.count}>{isWide ? `n = ${countText(n)}` : countText(n)}</span> : null}
    </td>
  );
}
