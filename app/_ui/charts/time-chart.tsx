'use client';

import { type MouseEvent, type RefObject, useEffect, useId, useRef, useState } from 'react';
import {
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  type MouseHandlerDataParam,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  useActiveTooltipLabel,
  XAxis,
  YAxis,
} from 'recharts';
import type { ChartModel, ChartPoint, ChartSeries, OverLine } from '@/lib/core/series/chart-model';
import { PartialBands, SelectionBand } from './bands';
import { BarShape, HatchDefs } from './bar-shape';
import { ChartTooltip } from './chart-tooltip';
import { strokeOf } from './paint';
import { pointDot } from './point-dot';
import classes from './time-chart.module.css';
import { tickTexts } from './unit-text';

interface TimeChartProps {
  title: string;
  model: ChartModel;
  kind: 'bars' | 'lines';
  height: number;
  only: string | null;
  onZoom: (from: number, to: number) => void;
  /** A bucket, and the group whose bar was hit or that is shown alone. */
  onPick?: ((point: ChartPoint, group: string | null) => void) | undefined;
}

/**
 * Draws a prepared model over its buckets. Every bucket is a band of the same axis in every chart of a page, which is
 * what lets their crosshairs meet; dragging over bands hands their span up.
 */
export function TimeChart({ title, model, kind, height, only, onZoom, onPick }: TimeChartProps) {
  const hatch = `hatch${useId().replace(/[^a-zA-Z0-9]/g, '')}`;
  const pick = (at: number, seriesId?: string) => {
    const point = model.points.find((one) => one.at === at);
    const group = model.series.find(({ id }) => id === seriesId)?.group ?? only;
    if (point) onPick?.(point, group);
  };
  const drag = useDrag(model.points, onZoom, pick);
  const active = useRef<number | null>(null);
  const shown = only === null ? model.series : model.series.filter(({ group }) => group === only);
  const amounts = tickTexts(model.y.ticks, model.unit);
  const labels = new Map(model.ticks.map(({ at, label }) => [at, label]));

  return (
    <figure
      className={classes.figure}
      style={{ height }}
      data-dragging={drag.selection !== null || undefined}
      onPointerDown={({ pointerType }) => drag.setMouse(pointerType === 'mouse')}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && active.current !== null) pick(active.current);
      }}
    >
      <figcaption className="visually-hidden">{model.summary}</figcaption>
      <ResponsiveContainer width="100%" height={height}>
        <ComposedChart
          data={[...model.points]}
          syncId="page"
          syncMethod="value"
          margin={{ top: 8, right: 8, bottom: 0, left: 0 }}
          barCategoryGap="12%"
          stackOffset="sign"
          aria-label={`${title}. ${model.summary} Arrow keys move along the time axis${onPick ? ', Enter opens what is there' : ''}.`}
          onMouseDown={drag.start}
          onMouseMove={drag.move}
          onMouseUp={drag.end}
          onMouseLeave={drag.cancel}
        >
          <HatchDefs id={hatch} series={model.series} />
          <CartesianGrid vertical={false} stroke="var(--hairline)" />
          <XAxis
            dataKey="at"
            type="category"
            scale="band"
            ticks={model.ticks.map(({ at }) => at)}
            tickFormatter={(at: number) => labels.get(at) ?? ''}
            interval="preserveStart"
            minTickGap={8}
            height={24}
            tickLine={false}
            axisLine={{ stroke: 'var(--hairline-strong)' }}
            tick={{ fill: 'var(--ink-soft)', fontSize: 12 }}
          />
          <YAxis
            scale={model.y.scale}
            domain={model.y.domain}
            ticks={model.y.ticks}
            tickFormatter={(value: number) => amounts.get(value) ?? ''}
            allowDataOverflow
            interval={0}
            width={56}
            tickLine={false}
            axisLine={false}
            tick={{ fill: 'var(--ink-soft)', fontSize: 12 }}
          />
          <PartialBands points={model.points} />
          {kind === 'bars' && model.y.domain[0] < 0 ? <ReferenceLine y={0} stroke="var(--hairline-strong)" /> : null}
          {shown.map((series) => (kind === 'bars' ? barOf(series, hatch) : lineOf(series, model.points)))}
          {only === null ? (model.lines ?? []).map((line) => lineOver(line, model.points)) : null}
          <ActiveLabel into={active} />
          <Tooltip
            content={
              <ChartTooltip
                model={model}
                kind={kind}
                only={only}
                hint={onPick ? 'Click or Enter opens them · drag zooms' : undefined}
              />
            }
            isAnimationActive={false}
            cursor={kind === 'bars' ? { fill: 'var(--ink)', fillOpacity: 0.07 } : { stroke: 'var(--hairline-strong)' }}
            wrapperStyle={{ zIndex: 5, pointerEvents: 'none' }}
            allowEscapeViewBox={{ x: false, y: true }}
          />
          {drag.selection ? <SelectionBand from={drag.selection[0]} to={drag.selection[1]} /> : null}
        </ComposedChart>
      </ResponsiveContainer>
    </figure>
  );
}

function barOf(series: ChartSeries, hatch: string) {
  return (
    <Bar
      key={series.id}
      dataKey={(point: ChartPoint) => point.values[series.id] ?? 0}
      name={series.id}
      stackId="all"
      fill={strokeOf(series).color}
      isAnimationActive={false}
      shape={(props) => <BarShape {...props} color={strokeOf(series).color} hatch={hatch} id={series.id} />}
    />
  );
}

function lineOf(series: ChartSeries, points: readonly ChartPoint[]) {
  const { color, dash } = strokeOf(series);
  const isBefore = series.weight === 'before';
  return (
    <Line
      key={series.id}
      dataKey={(point: ChartPoint) => point.values[series.id] ?? null}
      name={series.id}
      type="linear"
      stroke={color}
      strokeWidth={series.weight === 'light' ? 1 : 2}
      strokeDasharray={isBefore ? '1 4' : dash}
      strokeOpacity={isBefore ? 0.7 : 1}
      strokeLinecap={isBefore ? 'round' : 'butt'}
      connectNulls={false}
      isAnimationActive={false}
      dot={isBefore ? false : pointDot(series.id, points, color)}
      activeDot={isBefore ? false : { r: 3 }}
    />
  );
}

function lineOver({ name, values, isDashed }: OverLine, points: readonly ChartPoint[]) {
  const byStart = new Map(points.map(({ at }, i) => [at, values[i] ?? null]));
  return (
    <Line
      key={name}
      dataKey={({ at }: ChartPoint) => byStart.get(at) ?? null}
      name={name}
      type="linear"
      stroke={isDashed ? 'var(--unmeasured)' : 'var(--ink)'}
      strokeWidth={1.5}
      strokeDasharray={isDashed ? '4 4' : ''}
      isAnimationActive={false}
      dot={false}
      activeDot={false}
    />
  );
}

/** Notes the bucket that is marked, by whatever means: Enter opens it. */
function ActiveLabel({ into }: { into: RefObject<number | null> }) {
  const label = useActiveTooltipLabel();
  useEffect(() => {
    into.current = label === undefined ? null : Number(label);
  }, [label, into]);
  return null;
}

/** Press, move, release over a chart selects buckets; the keyboard's way to the same is the range panel. */
function useDrag(
  points: readonly ChartPoint[],
  onZoom: (from: number, to: number) => void,
  onClick: (at: number, seriesId?: string) => void,
) {
  // A tap shows what is there; it would be a pity to leave the page by it.
  const isMouse = useRef(true);
  const [selection, setSelection] = useState<[number, number] | null>(null);
  const [isPressed, setPressed] = useState(false);
  const labelOf = ({ activeLabel }: MouseHandlerDataParam) => (activeLabel === undefined ? null : Number(activeLabel));
  return {
    selection,
    setMouse: (is: boolean) => {
      isMouse.current = is;
    },
    start: (state: MouseHandlerDataParam) => {
      setPressed(true);
      const at = labelOf(state);
      if (at !== null) setSelection([at, at]);
    },
    move: (state: MouseHandlerDataParam) => {
      const at = labelOf(state);
      if (isPressed && !selection && at !== null) setSelection([at, at]);
      if (selection && at !== null && at !== selection[1]) setSelection([selection[0], at]);
    },
    end: (state: MouseHandlerDataParam, event: MouseEvent<SVGGraphicsElement>) => {
      setSelection(null);
      setPressed(false);
      if (!selection || selection[0] === selection[1]) {
        const bar = event.target instanceof Element ? event.target.closest('[data-series]') : null;
        // A press that comes at once is not over any bucket yet, by the chart's own account.
        const at = Number(bar?.getAttribute('data-at') ?? selection?.[0] ?? labelOf(state) ?? Number.NaN);
        if (isMouse.current && isPressed) onClick(at, bar?.getAttribute('data-series') ?? undefined);
        return;
      }
      const [from, to] = [Math.min(...selection), Math.max(...selection)];
      const last = points.find(({ at }) => at === to);
      if (last) onZoom(from, last.end);
    },
    cancel: () => {
      setPressed(false);
      setSelection(null);
    },
  };
}
