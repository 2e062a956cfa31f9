'use client';

import { useElementSize } from '@mantine/hooks';
import type { KeyboardEvent, PointerEvent } from 'react';
import { subjectOf } from '@/lib/core/series/chart-model';
import { LEAST_DEADLINE_MS, MOST_DEADLINE_MS, nextDeadline, snapDeadline } from '@/lib/core/series/deadline';
import type { Curve, DistributionChart } from '@/lib/core/series/distribution-chart';
import { roundDurationText } from '@/lib/core/series/duration-axis';
import classes from './distribution-plot.module.css';
import { strokeOf } from './paint';

interface DistributionPlotProps {
  chart: DistributionChart;
  height: number;
  /** The one model that is shown alone, or all. */
  only: string | null;
  deadlineMs: number;
  /** What the deadline reads, for those who do not see it. */
  reading: string;
  onDeadline: (ms: number) => void;
}

const LEFT = 44;
const RIGHT = 12;
const TOP = 28;
const BOTTOM = 24;
const SHARES = [0, 0.25, 0.5, 0.75, 1];

/** Distributions as steps with their bands over log time, and a deadline to drag along them. */
export function DistributionPlot({ chart, height, only, deadlineMs, reading, onDeadline }: DistributionPlotProps) {
  const { ref, width } = useElementSize();
  const [low, high] = chart.x.domain;
  const plotWidth = Math.max(1, width - LEFT - RIGHT);
  const plotHeight = height - TOP - BOTTOM;
  const x = (ms: number) =>
    LEFT + (Math.log(Math.min(high, Math.max(low, ms)) / low) / Math.log(high / low)) * plotWidth;
  const y = (share: number) => TOP + (1 - share) * plotHeight;
  const frame = { x, y, right: LEFT + plotWidth };
  const curves = chart.curves.filter(({ model, steps }) => steps.length > 0 && (only === null || only === model));

  const drag = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left - LEFT) / plotWidth;
    onDeadline(snapDeadline(low * (high / low) ** Math.min(1, Math.max(0, share))));
  };
  return (
    <figure
      ref={ref}
      className={classes.figure}
      style={{ height }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        drag(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) drag(event);
      }}
    >
      <figcaption className="visually-hidden">{chart.summary}</figcaption>
      {width > 0 ? (
        <>
          <svg width={width} height={height} aria-hidden="true" focusable="false">
            {SHARES.map((share) => (
              <g key={share}>
                <line x1={LEFT} x2={frame.right} y1={y(share)} y2={y(share)} className={classes.grid} />
                <text x={LEFT - 8} y={y(share) + 4} textAnchor="end" className={classes.tick}>
                  {share * 100} %
                </text>
              </g>
            ))}
            {chart.x.ticks.map((ms, i) =>
              // On a phone every second one.
              width < 480 && i % 2 === 1 ? null : (
                <g key={ms}>
                  <line x1={x(ms)} x2={x(ms)} y1={y(0)} y2={y(0) + 4} className={classes.axis} />
                  <text x={x(ms)} y={height - 6} textAnchor="middle" className={classes.tick}>
                    {roundDurationText(ms)}
                  </text>
                </g>
              ),
            )}
            {curves
              .filter(({ lane }) => lane === 'batch')
              .map((curve) => (
                <path key={curve.id} d={bandPath(curve, frame)} fill={colorOf(curve)} fillOpacity={0.13} />
              ))}
            {curves.map((curve) => (
              <path
                key={curve.id}
                d={stepPath(curve, frame)}
                fill="none"
                stroke={colorOf(curve)}
                strokeWidth={curve.lane === 'batch' ? 2.25 : 1.25}
                strokeLinejoin="round"
              />
            ))}
            <line x1={x(deadlineMs)} x2={x(deadlineMs)} y1={TOP - 4} y2={y(0)} className={classes.deadline} />
            {curves.map((curve) => {
              const step = curve.steps.findLast(([ms]) => ms <= deadlineMs);
              return (
                <circle
                  key={curve.id}
                  cx={x(deadlineMs)}
                  cy={y(step?.[1] ?? 0)}
                  r={curve.lane === 'batch' ? 4 : 2.5}
                  fill="var(--surface)"
                  stroke={colorOf(curve)}
                  strokeWidth={2}
                />
              );
            })}
          </svg>
          <div
            role="slider"
            tabIndex={0}
            className={classes.handle}
            style={{ insetInlineStart: Math.min(frame.right - 28, Math.max(LEFT + 28, x(deadlineMs))) }}
            aria-label="Deadline"
            aria-orientation="horizontal"
            aria-valuemin={LEAST_DEADLINE_MS / 1_000}
            aria-valuemax={MOST_DEADLINE_MS / 1_000}
            aria-valuenow={deadlineMs / 1_000}
            aria-valuetext={reading}
            onKeyDown={(event) => {
              const next = byKey(event, deadlineMs);
              if (next === null) return;
              event.preventDefault();
              onDeadline(next);
            }}
          >
            {roundDurationText(deadlineMs)}
          </div>
        </>
      ) : null}
    </figure>
  );
}

function byKey({ key }: KeyboardEvent, ms: number): number | null {
  if (key === 'ArrowRight' || key === 'ArrowUp') return nextDeadline(ms, 1);
  if (key === 'ArrowLeft' || key === 'ArrowDown') return nextDeadline(ms, -1);
  if (key === 'PageUp') return nextDeadline(ms, 1, true);
  if (key === 'PageDown') return nextDeadline(ms, -1, true);
  if (key === 'Home') return LEAST_DEADLINE_MS;
  if (key === 'End') return MOST_DEADLINE_MS;
  return null;
}

interface Frame {
  x: (ms: number) => number;
  y: (share: number) => number;
  right: number;
}

function colorOf({ model }: Curve): string {
  return strokeOf({ subject: subjectOf(model) }).color;
}

/** From zero, and on to the right only where all have ended: past the last observation nobody knows. */
function stepPath({ steps }: Curve, { x, y, right }: Frame): string {
  const [first] = steps;
  const last = steps.at(-1);
  if (!first || !last) return '';
  const line = steps.map(([ms, share]) => `H${round(x(ms))}V${round(y(share))}`).join('');
  return `M${round(x(0))},${round(y(0))}${line}${last[1] >= 1 ? `H${round(right)}` : ''}`;
}

function bandPath({ steps }: Curve, { x, y, right }: Frame): string {
  const end = steps.at(-1);
  const [first] = steps;
  if (!first || !end) return '';
  const stop = end[1] >= 1 ? right : x(end[0]);
  const upper = steps.map(([ms, , , high]) => `H${round(x(ms))}V${round(y(high))}`).join('');
  const lower = steps
    .map(([, , low], i) => `V${round(y(low))}H${round(x(steps[i]?.[0] ?? 0))}`)
    .reverse()
    .join('');
  return `M${round(x(first[0]))},${round(y(first[2]))}${upper}H${round(stop)}${lower}Z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
