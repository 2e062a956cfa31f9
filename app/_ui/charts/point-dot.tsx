import type { DotItemDotProps } from 'recharts';
import type { ChartPoint } from '@/lib/core/series/chart-model';

/**
 * Dots only where a line cannot tell: a value between two gaps, which would not show at all, and a value of an
 * incomplete bucket, hollow.
 */
export function pointDot(id: string, points: readonly ChartPoint[], color: string) {
  const has = (index: number) => (points[index]?.values[id] ?? null) !== null;
  return ({ cx, cy, index }: DotItemDotProps) => {
    const isPartial = points[index]?.partial === true;
    const isAlone = !has(index - 1) && !has(index + 1);
    if (!has(index) || (!isPartial && !isAlone) || cx === undefined || cy === undefined) return <g key={index} />;
    return (
      <circle
        key={index}
        cx={cx}
        cy={cy}
        r={3}
        stroke={color}
        strokeWidth={1.5}
        fill={isPartial ? 'var(--surface)' : color}
      />
    );
  };
}
