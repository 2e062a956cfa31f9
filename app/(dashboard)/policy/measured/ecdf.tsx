import type { MeasuredRow } from '@/app/(dashboard)/policy/editor-context';
import { modelPaint } from '@/lib/core/series/model-paint';
import classes from './measured.module.css';

const WIDTH = 216;
const HEIGHT = 36;
const LABELS_PX = 15;
/** Fixed, so that a threshold is at the same place in every strip: 10 s to 24 h, on a log axis. */
const LEAST_MS = 10_000;
const MOST_MS = 86_400_000;
const MARKS = [
  { at: 60_000, label: '1m' },
  { at: 600_000, label: '10m' },
  { at: 3_600_000, label: '1h' },
  { at: 36_000_000, label: '10h' },
];

const x = (ms: number) =>
  (Math.log(Math.min(MOST_MS, Math.max(LEAST_MS, ms)) / LEAST_MS) / Math.log(MOST_MS / LEAST_MS)) * WIDTH;
const y = (p: number) => HEIGHT - 1 - p * (HEIGHT - 2);

/** Measured distributions as steps, a line a model with its p50 and p95, and the threshold across. The numbers stand beside it. */
export function Ecdf({ rows, ms }: { rows: readonly MeasuredRow[]; ms: number }) {
  return (
    <svg
      className={classes.ecdf}
      width={WIDTH}
      height={HEIGHT + LABELS_PX}
      viewBox={`0 0 ${WIDTH} ${HEIGHT + LABELS_PX}`}
      aria-hidden="true"
      focusable="false"
    >
      {MARKS.map(({ at, label }) => (
        <g key={label}>
          <line x1={x(at)} x2={x(at)} y1={0} y2={HEIGHT} stroke="var(--hairline)" />
          <text x={x(at)} y={HEIGHT + 12} className={classes.mark}>
            {label}
          </text>
        </g>
      ))}
      <line x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} stroke="var(--hairline-strong)" />
      {rows.map(({ model, cdf, p50, p95 }) => {
        const { hue, shade, dash } = modelPaint(model);
        const paint = `var(--model-${hue}-${shade})`;
        return (
          <g key={model}>
            <path d={steps(cdf)} fill="none" stroke={paint} strokeWidth={1.5} strokeDasharray={dash} />
            {p50 === null ? null : <circle cx={x(p50)} cy={y(0.5)} r={2.5} fill={paint} />}
            {p95 === null ? null : <circle cx={x(p95)} cy={y(0.95)} r={2.5} fill={paint} />}
          </g>
        );
      })}
      <line x1={x(ms)} x2={x(ms)} y1={0} y2={HEIGHT} stroke="var(--ink)" strokeWidth={1.5} />
    </svg>
  );
}

/** The line of a model, as it is drawn. */
export function ModelLine({ model }: { model: string }) {
  const { hue, shade, dash } = modelPaint(model);
  return (
    <svg width={16} height={8} aria-hidden="true" focusable="false">
      <line
        x1={0}
        x2={16}
        y1={4}
        y2={4}
        stroke={`var(--model-${hue}-${shade})`}
        strokeWidth={2}
        strokeDasharray={dash}
      />
    </svg>
  );
}

function steps(cdf: MeasuredRow['cdf']): string {
  const parts = cdf.map(([at, p]) => `H${x(at).toFixed(1)}V${y(p).toFixed(1)}`);
  return `M0 ${y(0)}${parts.join('')}`;
}
