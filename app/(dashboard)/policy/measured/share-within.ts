import type { MeasuredRow } from '@/app/(dashboard)/policy/editor-context';

export interface Share {
  p: number;
  low: number;
  high: number;
}

/** The measured share of batches that are back within `ms`; `null`: nothing was measured. */
export function shareWithin({ cdf, n }: Pick<MeasuredRow, 'cdf' | 'n'>, ms: number): Share | null {
  if (n === 0 || cdf.length === 0) return null;
  const [, p, low, high] = cdf.findLast(([at]) => at <= ms) ?? [0, 0, 0, 0];
  return { p, low, high };
}
