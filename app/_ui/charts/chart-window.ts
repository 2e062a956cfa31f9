import { type PageRange, resolveRange } from '@/app/_data/page-range';
import type { Window } from '@/lib/core/series/buckets';

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
