import type { PageRange } from '@/app/_data/page-range';

/** What every panel of the page shows. */
export interface LatencyScope {
  range: PageRange;
  /** Those that are picked; none means all. */
  models: readonly string[];
}

export interface LatencyZoomScope extends LatencyScope {
  onZoom: (from: number, to: number) => void;
}
