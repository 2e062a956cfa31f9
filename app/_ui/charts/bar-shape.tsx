import type { BarShapeProps } from 'recharts';
import type { ChartSeries } from '@/lib/core/series/chart-model';
import { strokeOf } from './paint';

/** A hatch in each series' colour, for buckets that are not complete. */
export function HatchDefs({ id, series }: { id: string; series: readonly ChartSeries[] }) {
  return (
    <defs>
      {series.map((one) => (
        <pattern
          key={one.id}
          id={hatchId(id, one.id)}
          width={5}
          height={5}
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width={5} height={5} fill="var(--surface)" />
          <rect width={2.5} height={5} fill={strokeOf(one).color} />
        </pattern>
      ))}
    </defs>
  );
}

function hatchId(id: string, seriesId: string): string {
  // Names come from callers: only their code points reach an id.
  return `${id}-${[...seriesId].map((char) => char.codePointAt(0)?.toString(36)).join('-')}`;
}

type Props = BarShapeProps & { color: string; hatch: string; id: string };

export function BarShape({ x, y, width, height, payload, color, hatch, id }: Props) {
  const tall = Math.abs(Number(height));
  if (!(tall > 0)) return null;
  const isPartial: unknown = payload?.partial;
  const at: unknown = payload?.at;
  return (
    <rect
      x={x}
      y={Math.min(Number(y), Number(y) + Number(height))}
      width={width}
      height={tall}
      data-series={id}
      data-at={Number(at)}
      fill={isPartial === true ? `url(#${hatchId(hatch, id)})` : color}
      stroke="var(--surface)"
      strokeWidth={tall > 3 ? 0.5 : 0}
    />
  );
}
