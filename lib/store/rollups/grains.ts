import { DAY_MS } from '@/lib/core/duration';

/** Lengths of rollup buckets in minutes, all cut in UTC; every zone's days are made of quarter hours. */
export const GRAINS = [15, 60, 1440] as const;
export type Grain = (typeof GRAINS)[number];

export const QUARTER_MS = 900_000;
export const HOUR_MS = 3_600_000;
export const GRAIN_MS: Record<Grain, number> = { 15: QUARTER_MS, 60: HOUR_MS, 1440: DAY_MS };

/** Quarter hours are kept so long, hours and days so much longer. */
export const KEPT_MS: Record<Grain, number> = { 15: 14 * DAY_MS, 60: 400 * DAY_MS, 1440: 400 * DAY_MS };

export function floorTo(atMs: number, stepMs: number): number {
  return Math.floor(atMs / stepMs) * stepMs;
}

/** Younger quarter hours are there, whether or not the older ones have been removed yet. */
export function quartersFrom(nowMs: number): number {
  return floorTo(nowMs - KEPT_MS[15], DAY_MS) + DAY_MS;
}
