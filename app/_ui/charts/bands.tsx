import { usePlotArea, useXAxisScale } from 'recharts';
import type { ChartPoint } from '@/lib/core/series/chart-model';

/** Shades the buckets that the range or the present cuts: their values are not final. */
export function PartialBands({ points }: { points: readonly ChartPoint[] }) {
  return points.filter(({ partial }) => partial).map(({ at }) => <Band key={at} from={at} to={at} opacity={0.06} />);
}

export function SelectionBand({ from, to }: { from: number; to: number }) {
  return <Band from={Math.min(from, to)} to={Math.max(from, to)} opacity={0.14} />;
}

function Band({ from, to, opacity }: { from: number; to: number; opacity: number }) {
  const scale = useXAxisScale();
  const plot = usePlotArea();
  const start = scale?.(from, { position: 'start' });
  const end = scale?.(to, { position: 'end' });
  if (start === undefined || end === undefined || !plot) return null;
  return (
    <rect
      x={start}
      y={plot.y}
      width={Math.max(1, end - start)}
      height={plot.height}
      fill="var(--ink)"
      fillOpacity={opacity}
      pointerEvents="none"
    />
  );
}
