'use client';

import { useElementSize } from '@mantine/hooks';
import { subjectOf } from '@/lib/core/series/chart-model';
import type { ReliabilityChart } from '@/lib/core/series/reliability-chart';
import classes from './distribution-plot.module.css';
import { strokeOf } from './paint';

const LEFT = 44;
const TOP = 8;
const BOTTOM = 36;
const RIGHT = 24;

/** Predicted against what happened: on the diagonal a prediction was right, below it too hopeful. */
export function ReliabilityPlot({ chart, height }: { chart: ReliabilityChart; height: number }) {
  const { ref, width } = useElementSize();
  const [low] = chart.domain;
  const plotWidth = Math.max(1, width - LEFT - RIGHT);
  const plotHeight = height - TOP - BOTTOM;
  const x = (share: number) => LEFT + ((share - low) / (1 - low)) * plotWidth;
  const y = (share: number) => TOP + (1 - Math.max(0, share)) * plotHeight;
  return (
    <figure ref={ref} className={classes.figure} style={{ height, cursor: 'default' }}>
      <figcaption className="visually-hidden">{chart.summary}</figcaption>
      {width > 0 ? (
        <svg width={width} height={height} aria-hidden="true" focusable="false">
          {[0, 0.25, 0.5, 0.75, 1].map((share) => (
            <g key={share}>
              <line x1={LEFT} x2={width - RIGHT} y1={y(share)} y2={y(share)} className={classes.grid} />
              <text x={LEFT - 8} y={y(share) + 4} textAnchor="end" className={classes.tick}>
                {share * 100} %
              </text>
            </g>
          ))}
          {chart.ticks.map((share) => (
            <text key={share} x={x(share)} y={height - 20} textAnchor="middle" className={classes.tick}>
              {Math.round(share * 100)} %
            </text>
          ))}
          <text x={LEFT + plotWidth / 2} y={height - 4} textAnchor="middle" className={classes.tick}>
            predicted; up: in time
          </text>
          <line x1={x(low)} y1={y(low)} x2={x(1)} y2={y(1)} stroke="var(--hairline-strong)" strokeDasharray="4 4" />
          {chart.points.map(({ model, predicted, inTime, low: from, high: to, batches }) => {
            const { color } = strokeOf({ subject: subjectOf(model) });
            return (
              <g key={`${model} ${predicted}`}>
                <line x1={x(predicted)} x2={x(predicted)} y1={y(from)} y2={y(to)} stroke={color} strokeOpacity={0.5} />
                <circle
                  cx={x(predicted)}
                  cy={y(inTime)}
                  r={Math.min(8, 2.5 + Math.sqrt(batches) / 2.5)}
                  fill={color}
                  fillOpacity={0.75}
                />
              </g>
            );
          })}
        </svg>
      ) : null}
    </figure>
  );
}
