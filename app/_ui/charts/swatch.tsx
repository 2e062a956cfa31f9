import type { ChartSeries } from '@/lib/core/series/chart-model';
import { strokeOf } from './paint';

/** How a series is drawn, in small: a block for areas, a dashed stroke for lines. */
export function Swatch({ of, kind }: { of: Pick<ChartSeries, 'subject' | 'weight'>; kind: 'bars' | 'lines' }) {
  const { color, dash } = strokeOf(of);
  return (
    <svg width={kind === 'bars' ? 10 : 22} height={10} aria-hidden="true" focusable="false">
      {kind === 'bars' ? (
        <rect width={10} height={10} rx={2} fill={color} />
      ) : (
        <line
          x1={0}
          y1={5}
          x2={22}
          y2={5}
          stroke={color}
          strokeWidth={of.weight === 'strong' ? 2 : 1}
          strokeDasharray={dash}
        />
      )}
    </svg>
  );
}
