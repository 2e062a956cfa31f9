import { type PageRange, resolveRange } from '@/app/_data/page-range';
import type { Window } from '@/lib/core/series/buckets';
import type { PeriodBefore } from '@/lib/core/series/period-before';

export const CHART_HEIGHT = 208;
export const LANES_HEIGHT = 168;

export interface ZoomProps {
  range: PageRange;
  onZoom: (from: number, to: number) => void;
}

/** The range as it was when an answer came: what decides which of its buckets are incomplete. */
export function chartWindow(range: PageRange, updatedAt: number): Window {
  const { from, to } = resolveRange(range, updatedAt);
  return { from: from.getTime(), to: to.getTime(), now: updatedAt };
}

/** What an answer about the period before gives a chart, where it is to be drawn. */
export function periodBefore<B extends { at: string }>(
  range: PageRange,
  window: Window,
  before: { buckets: readonly B[] } | undefined,
): PeriodBefore<B> | undefined {
  return range.compare && before ? { buckets: before.buckets, lengthMs: window.to - window.from } : undefined;
}
